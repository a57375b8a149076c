/** News from the desk's server (GET /desk/api/stream). What was missed while the line was down is fetched anew. */

export interface News {
  handoff: Record<string, unknown>;
  message: { handoff: string; message?: unknown };
  lead: { id: string };
  booking: { id?: string };
}
export interface Listener {
  news<K extends keyof News>(kind: K, data: News[K]): void;
  /** The line came up (fetch again what is shown) or went down. */
  line(up: boolean): void;
}

/** The server sends something every 15 seconds; this much silence is a broken line. */
const SILENCE_MS = 40_000;
const LONGEST_WAIT_MS = 20_000;
const KINDS: (keyof News)[] = ["handoff", "message", "lead", "booking"];

/** Follow until the returned function is called. */
export function follow(listener: Listener): () => void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let stopped = false;

  const alive = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(lost, SILENCE_MS);
  };
  const lost = () => {
    source?.close();
    clearTimeout(watchdog);
    clearTimeout(retry);
    if (stopped) return;
    listener.line(false);
    // Spread out, so that a restarted server is not met by every desk at once.
    const wait = Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** Math.min(failures, 5)) * (0.5 + Math.random() / 2);
    failures += 1;
    retry = setTimeout(open, wait);
  };
  const open = () => {
    source = new EventSource("/desk/api/stream");
    alive();
    source.onopen = () => {
      failures = 0;
      alive();
      listener.line(true);
    };
    // A refused or broken connection: the browser's own retry never comes after a refusal.
    source.onerror = lost;
    source.addEventListener("ping", alive);
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        alive();
        listener.news(kind, JSON.parse((event as MessageEvent<string>).data) as never);
      });
    }
  };
  const hurry = () => {
    if (document.visibilityState === "visible" && source?.readyState === EventSource.CLOSED && !stopped) {
      clearTimeout(retry);
      open();
    }
  };
  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);
  open();
  return () => {
    stopped = true;
    removeEventListener("online", hurry);
    document.removeEventListener("visibilitychange", hurry);
    clearTimeout(retry);
    clearTimeout(watchdog);
    source?.close();
  };
}
