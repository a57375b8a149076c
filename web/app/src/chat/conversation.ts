/**
 * One customer's conversation: the log by seq, what is on its way, who is typing. A store for useSyncExternalStore.
 *
 * The same message may come from an answer, the stream and the history; it is kept once, by id.
 */
import type { Message, Rating } from "@shared";
import { type Answer, type Api, explain, type Handoff, type History, Problem, SignedOut } from "../net/api";
import { Stream } from "../net/stream";
import * as outboxes from "./outbox";
import type { Sent } from "./outbox";

export interface State {
  phase: "loading" | "failed" | "ready";
  messages: readonly Message[];
  outbox: readonly Sent[];
  hasMore: boolean;
  older: "idle" | "loading" | "failed";
  typing: "assistant" | "manager" | null;
  online: boolean;
  handoff: Handoff;
  /** Where the read mark stood when the page opened: the line "new messages" is drawn there. */
  unreadFrom: number | null;
  readSeq: number;
  signedOut: boolean;
  /** Changes when settings were changed on another device. */
  preferencesVersion: number;
}

const PAGE = 40;
const TRIES = 4;

export class Conversation {
  private state: State;
  private readonly listeners = new Set<() => void>();
  private readonly byId = new Map<string, Message>();
  /** Said and stored, the answer is still to come. */
  private readonly awaited = new Set<string>();
  private stream: Stream | undefined;
  private flushing = false;
  private typingOrigin: State["typing"] = null;
  private lineUp = false;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(readonly api: Api) {
    this.state = {
      phase: "loading",
      messages: [],
      outbox: outboxes.load(api.session.customer),
      hasMore: false,
      older: "idle",
      typing: null,
      online: navigator.onLine,
      handoff: { state: "none" },
      unreadFrom: null,
      readSeq: 0,
      signedOut: false,
      preferencesVersion: 0,
    };
    addEventListener("online", this.cameOnline);
    addEventListener("offline", this.lineChanged);
  }

  readonly subscribe = (tell: () => void): (() => void) => {
    this.listeners.add(tell);
    return () => this.listeners.delete(tell);
  };
  readonly snapshot = (): State => this.state;

  /** Load the newest page and follow the stream from there. Retries by itself. */
  async open(): Promise<void> {
    this.set({ phase: "loading", signedOut: false });
    try {
      const page = await this.api.call<History>("GET", `/history?limit=${PAGE}`);
      if (this.closed) return;
      const unread = page.seq > page.read_seq && page.read_seq > 0;
      this.set({
        phase: "ready",
        hasMore: page.has_more,
        handoff: page.handoff,
        readSeq: page.read_seq,
        unreadFrom: unread ? page.read_seq : null,
      });
      this.add(page.messages);
      this.stream?.stop();
      this.stream = new Stream(this.api, page.cursor, {
        event: (name, data) => this.received(name, data),
        line: (up) => this.lineIs(up),
        signedOut: () => this.set({ signedOut: true }),
      });
      void this.flush();
      if (page.seq === 0) await this.greet();
    } catch (error) {
      if (error instanceof SignedOut) this.set({ signedOut: true });
      else if (!this.closed) {
        this.set({ phase: "failed" });
        this.retry = setTimeout(() => void this.open(), 5_000);
      }
    }
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    this.stream?.stop();
    removeEventListener("online", this.cameOnline);
    removeEventListener("offline", this.lineChanged);
  }

  /** Say something: it stands in the thread at once and is sent until the server has it. */
  say(text: string, payload: Sent["payload"] = { source: "typed" }): void {
    const words = text.trim();
    if (!words) return;
    const sent: Sent = {
      id: outboxes.messageId(),
      text: words,
      payload,
      at: new Date().toISOString(),
      state: "sending",
      attempts: 0,
    };
    this.setOutbox([...this.state.outbox, sent]);
    void this.flush();
  }

  resend(id: string): void {
    this.patchSent(id, { state: "sending", attempts: 0 });
    void this.flush();
  }

  /** Take back what was not accepted; its words go to the caller for editing. */
  discard(id: string): string {
    const text = this.state.outbox.find((one) => one.id === id)?.text ?? "";
    this.setOutbox(this.state.outbox.filter((one) => one.id !== id));
    return text;
  }

  async loadOlder(): Promise<void> {
    if (!this.state.hasMore || this.state.older === "loading" || this.state.phase !== "ready") return;
    const lowest = this.state.messages.find((message) => message.seq !== undefined)?.seq;
    if (lowest === undefined) return;
    this.set({ older: "loading" });
    try {
      const page = await this.api.call<History>("GET", `/history?limit=${PAGE}&before=${Math.ceil(lowest)}`);
      this.set({ older: "idle", hasMore: page.has_more });
      this.add(page.messages);
    } catch (error) {
      this.set({ older: "failed" });
      this.noteSignOut(error);
    }
  }

  async rate(id: string, rating: Rating | null, reason?: string): Promise<void> {
    await this.guarded(this.api.call("POST", "/ratings", { id, rating, ...(reason ? { reason } : {}) }));
    const message = this.byId.get(id);
    if (message) this.add([{ ...message, rating: rating ?? undefined }]);
  }

  markRead(): void {
    const newest = this.newest();
    if (newest <= this.state.readSeq || this.state.phase !== "ready") return;
    this.set({ readSeq: newest });
    this.api.call("POST", "/read", { seq: newest }).catch(() => undefined);
  }

  async bind(code: string): Promise<void> {
    this.settle(await this.guarded(this.api.call<Answer>("POST", `/bindings/${encodeURIComponent(code)}`)));
  }

  async askForPerson(): Promise<void> {
    this.set({ handoff: await this.guarded(this.api.call<Handoff>("POST", "/handoff", { reason: "customer" })) });
  }

  async backToAssistant(): Promise<void> {
    this.set({ handoff: await this.guarded(this.api.call<Handoff>("DELETE", "/handoff")) });
  }

  async deleteEverything(): Promise<void> {
    await this.guarded(this.api.call("DELETE", "/data?confirm=yes"));
    this.setOutbox([]);
    this.clear();
  }

  /** After a new sign-in: go on where it stopped. */
  resume(): void {
    void this.open();
  }

  private async greet(): Promise<void> {
    // The same id on every device of a day, so that two that open at once are greeted once.
    const day = new Date().toISOString().slice(0, 10).replaceAll("-", "");
    const opening = { message_id: `open-${day}`, text: "", payload: { source: "open" } };
    this.awaited.add(opening.message_id);
    this.showTyping();
    await this.api
      .call<Answer>("POST", "/messages", opening)
      .then((answer) => this.settle(answer))
      .catch(() => undefined)
      .finally(() => {
        this.awaited.delete(opening.message_id);
        this.showTyping();
      });
  }

  /** Send what waits, one after the other, so that the order in which it was said is kept. */
  private async flush(): Promise<void> {
    if (this.flushing || this.state.phase !== "ready") return;
    this.flushing = true;
    try {
      for (;;) {
        const next = this.state.outbox.find((one) => one.state === "sending" || one.state === "waiting");
        if (!next || this.closed) return;
        if (next.state === "waiting") this.patchSent(next.id, { state: "sending" });
        const wait = await this.deliver(next);
        if (wait !== undefined) {
          clearTimeout(this.retry);
          this.retry = setTimeout(() => void this.flush(), wait);
          return;
        }
      }
    } finally {
      this.flushing = false;
    }
  }

  /** One try. Resolves when the message is stored or refused, or with the milliseconds to wait before the next try. */
  private deliver(sent: Sent): Promise<number | undefined> {
    this.awaited.add(sent.id);
    this.showTyping();
    const body = { message_id: sent.id, text: sent.text, payload: sent.payload };
    const answered = this.api.call<Answer>("POST", "/messages", body).then(
      (answer) => {
        this.settle(answer, sent);
        return undefined;
      },
      (error: unknown) => {
        this.awaited.delete(sent.id);
        this.showTyping();
        return this.byId.has(sent.id) ? undefined : this.notSent(sent, error);
      },
    );
    // The stream shows it stored long before the answer is ready; the next one need not wait for that.
    const stored = new Promise<undefined>((resolve) => {
      const stop = this.subscribe(() => {
        if (!this.state.outbox.some((one) => one.id === sent.id)) {
          stop();
          resolve(undefined);
        }
      });
    });
    return Promise.race([answered, stored]);
  }

  private notSent(sent: Sent, error: unknown): number | undefined {
    const attempts = sent.attempts + 1;
    if (error instanceof SignedOut) {
      this.patchSent(sent.id, { state: "waiting" });
      this.set({ signedOut: true });
      return 3_600_000;
    }
    if (error instanceof Problem && !error.passing) {
      this.patchSent(sent.id, { state: "rejected", problem: explain(error) });
      return undefined;
    }
    const asked = error instanceof Problem ? (error.retryAfter ?? 0) * 1000 : 0;
    this.patchSent(sent.id, { attempts, state: attempts < TRIES ? "waiting" : "failed" });
    // While the line is down its return wakes us; the time is for a server that is down.
    return Math.max(asked, 1_000 * 2 ** attempts);
  }

  private settle(answer: Answer, sent?: Sent): void {
    if (answer.status === "pending") this.awaited.add(answer.message_id);
    else this.awaited.delete(answer.message_id);
    if (sent && !this.byId.has(sent.id)) {
      // Until the stream brings it with its place, it stands before its answer.
      const first = Math.min(...answer.messages.map((message) => message.seq ?? Infinity));
      const seq = Number.isFinite(first) ? first - 0.5 : this.newest() + 0.5;
      const said: Message = { id: sent.id, type: "text", privacy: "personal", origin: "customer", text: sent.text, at: sent.at, seq };
      this.add([said, ...answer.messages]);
    } else this.add(answer.messages);
    this.showTyping();
  }

  private received(name: string, data: unknown): void {
    if (name === "message") this.add([data as Message]);
    else if (name === "handoff") this.set({ handoff: data as Handoff });
    else if (name === "typing") {
      const { on, origin } = data as { on: boolean; origin?: "assistant" | "manager" };
      this.typingOrigin = on ? (origin ?? "assistant") : null;
      this.showTyping();
    } else if (name === "read") this.set({ readSeq: Math.max(this.state.readSeq, (data as { read_seq: number }).read_seq) });
    else if (name === "preferences") this.set({ preferencesVersion: this.state.preferencesVersion + 1 });
    else if (name === "reset") this.clear();
    else if (name === "ready") {
      const { handoff } = data as { handoff: Handoff };
      this.set({ handoff });
    }
  }

  private lineIs(up: boolean): void {
    this.lineUp = up;
    if (!up) this.typingOrigin = null;
    this.showTyping();
    this.lineChanged();
    if (up) {
      for (const one of this.state.outbox) if (one.state === "failed") this.patchSent(one.id, { state: "waiting", attempts: 0 });
      clearTimeout(this.retry);
      void this.flush();
    }
  }

  private readonly lineChanged = (): void => {
    const online = navigator.onLine && (this.lineUp || this.state.phase !== "ready");
    if (online !== this.state.online) this.set({ online });
  };

  private readonly cameOnline = (): void => {
    this.lineChanged();
    void this.flush();
  };

  private add(messages: readonly Message[]): void {
    if (messages.length === 0) return;
    let top = this.newest();
    for (const message of messages) {
      const known = this.byId.get(message.id);
      // Keep what was added here (a rating) when an older copy arrives late.
      this.byId.set(message.id, { ...known, ...message, seq: message.seq ?? known?.seq ?? (top += 0.5) } as Message);
      if (message.reply_to && this.awaited.delete(message.reply_to)) this.showTyping();
      if (message.origin !== "customer") this.typingOrigin = null;
    }
    const sorted = [...this.byId.values()].sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
    const outbox = this.state.outbox.filter((one) => !this.byId.has(one.id));
    this.set({ messages: sorted });
    if (outbox.length !== this.state.outbox.length) this.setOutbox(outbox);
  }

  private clear(): void {
    this.byId.clear();
    this.awaited.clear();
    this.typingOrigin = null;
    this.set({ messages: [], hasMore: false, readSeq: 0, unreadFrom: null, typing: null, handoff: { state: "none" } });
  }

  private newest(): number {
    return Math.floor(this.state.messages[this.state.messages.length - 1]?.seq ?? 0);
  }

  private showTyping(): void {
    const typing = this.typingOrigin ?? (this.awaited.size > 0 && this.state.handoff.state !== "active" ? "assistant" : null);
    if (typing !== this.state.typing) this.set({ typing });
  }

  private noteSignOut(error: unknown): void {
    if (error instanceof SignedOut) this.set({ signedOut: true });
  }

  private guarded<T>(call: Promise<T>): Promise<T> {
    call.catch((error: unknown) => this.noteSignOut(error));
    return call;
  }

  private patchSent(id: string, part: Partial<Sent>): void {
    this.setOutbox(this.state.outbox.map((one) => (one.id === id ? { ...one, ...part } : one)));
  }

  private setOutbox(outbox: readonly Sent[]): void {
    this.set({ outbox });
    outboxes.keep(this.api.session.customer, outbox);
  }

  private set(part: Partial<State>): void {
    this.state = { ...this.state, ...part };
    for (const tell of this.listeners) tell();
  }
}
