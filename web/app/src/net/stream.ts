/** The stream of my conversation (docs/asyncapi.yaml): resumes where it broke, waits longer after each failure. */
import { createParser } from "eventsource-parser";
import { type Api, SignedOut } from "./api";

export interface StreamEvents {
  event(name: string, data: unknown): void;
  /** The line came up or went down. */
  line(up: boolean): void;
  signedOut(): void;
}

/** The server sends something every 15 seconds; this much silence is a broken line. */
const SILENCE_MS = 40_000;
const LONGEST_WAIT_MS = 30_000;

export class Stream {
  private stopped = false;
  private failures = 0;
  private firstWait = 2_000;
  private connection: AbortController | undefined;
  private wake: (() => void) | undefined;

  constructor(
    private readonly api: Api,
    private cursor: string,
    private readonly events: StreamEvents,
  ) {
    addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
    void this.run();
  }

  stop(): void {
    this.stopped = true;
    removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    this.connection?.abort();
    this.wake?.();
  }

  /** Try again now instead of after the wait. */
  private readonly hurry = (): void => {
    if (document.visibilityState === "visible") this.wake?.();
  };

  private async run(): Promise<void> {
    while (!this.stopped) {
      let again = false;
      try {
        again = await this.follow();
      } catch (error) {
        if (error instanceof SignedOut && !this.stopped) {
          this.events.line(false);
          this.events.signedOut();
          return;
        }
      }
      if (this.stopped) return;
      this.events.line(false);
      if (!again) await this.pause();
    }
  }

  private pause(): Promise<void> {
    const longest = Math.min(LONGEST_WAIT_MS, this.firstWait * 2 ** Math.min(this.failures, 6));
    this.failures += 1;
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve();
      };
      // Spread out, so that a restarted server is not met by everybody at once.
      const timer = setTimeout(done, longest * (0.5 + Math.random() / 2));
      this.wake = done;
    });
  }

  /** Hold one connection until it ends. True: the server asked to come back at once. */
  private async follow(): Promise<boolean> {
    const token = this.api.session.token();
    this.connection = new AbortController();
    const { signal } = this.connection;
    let watchdog = setTimeout(() => this.connection?.abort(), SILENCE_MS);
    try {
      const response = await fetch("/webhooks/app/stream", {
        headers: { Authorization: `Bearer ${token}`, Accept: "text/event-stream", "Last-Event-ID": this.cursor },
        signal,
        cache: "no-store",
      });
      if (response.status === 401) {
        await this.api.renew(token);
        return true;
      }
      if (response.status === 400) this.cursor = "";
      if (!response.ok || !response.body) return false;
      let bye = "";
      const parser = createParser({
        onRetry: (milliseconds) => {
          this.firstWait = milliseconds;
        },
        onEvent: ({ id, event, data }) => {
          const body: unknown = JSON.parse(data);
          if (event === "ready") {
            this.failures = 0;
            this.cursor ||= (body as { cursor: string }).cursor;
            this.events.line(true);
          }
          if (event === "reset") this.cursor = (body as { cursor?: string }).cursor ?? "";
          if (event === "bye") bye = (body as { reason: string }).reason;
          if (id) this.cursor = id;
          this.events.event(event ?? "message", body);
        },
      });
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        clearTimeout(watchdog);
        watchdog = setTimeout(() => this.connection?.abort(), SILENCE_MS);
        parser.feed(decoder.decode(value, { stream: true }));
      }
      if (bye === "token_expired" || bye === "token_revoked") {
        await this.api.renew(token);
        return true;
      }
      return bye === "restart";
    } finally {
      clearTimeout(watchdog);
    }
  }
}
