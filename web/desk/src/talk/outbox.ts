/** What a manager has written: the draft and what is on its way, kept in the tab until it has arrived. */
import { useCallback, useEffect, useRef, useState } from "react";
import { call, explain, Problem } from "../net/api";
import { newId } from "../ui/id";

export interface Sent {
  /** The message_id: sending it again is the same message. */
  id: string;
  text: string;
  state: "sending" | "failed" | "rejected";
  problem?: string;
}

const draftKey = (handoff: string) => `peiban.desk.draft.${handoff}`;
const outboxKey = (handoff: string) => `peiban.desk.outbox.${handoff}`;

function read<T>(key: string, otherwise: T): T {
  try {
    return (JSON.parse(sessionStorage.getItem(key) ?? "null") as T | null) ?? otherwise;
  } catch {
    return otherwise;
  }
}
function write(key: string, value: unknown, keep: boolean): void {
  try {
    if (keep) sessionStorage.setItem(key, JSON.stringify(value));
    else sessionStorage.removeItem(key);
  } catch {
    // Without storage the words live as long as the page.
  }
}

/** Forget every draft: another person may sit down here next. */
export function clearDrafts(): void {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith("peiban.desk.")) sessionStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}

export function useDraft(handoff: string): [string, (text: string) => void] {
  const [draft, setDraft] = useState(() => read(draftKey(handoff), ""));
  const change = useCallback(
    (text: string) => {
      setDraft(text);
      write(draftKey(handoff), text, text !== "");
    },
    [handoff],
  );
  return [draft, change];
}

/** Messages not yet in the thread. `arrived` is told after each that the server took. */
export function useOutbox(handoff: string, lineUp: boolean, arrived: () => Promise<void>) {
  const [outbox, setOutbox] = useState<Sent[]>(() =>
    // What was on its way when the page closed may have arrived or not; its id makes sending it again harmless.
    read<Sent[]>(outboxKey(handoff), []).map((sent) => (sent.state === "sending" ? { ...sent, state: "failed" } : sent)),
  );
  const held = useRef(outbox);
  const update = useCallback(
    (next: Sent[]) => {
      held.current = next;
      setOutbox(next);
      write(outboxKey(handoff), next, next.length > 0);
    },
    [handoff],
  );
  const patch = useCallback(
    (id: string, change: Partial<Sent>) => update(held.current.map((sent) => (sent.id === id ? { ...sent, ...change } : sent))),
    [update],
  );
  const drop = useCallback((id: string) => update(held.current.filter((sent) => sent.id !== id)), [update]);
  const deliver = useCallback(
    async (id: string, text: string) => {
      patch(id, { state: "sending", problem: undefined });
      try {
        await call("POST", `/handoffs/${encodeURIComponent(handoff)}/messages`, { message_id: id, text });
        await arrived();
        drop(id);
      } catch (error) {
        const refused = error instanceof Problem && !error.passing && error.status !== 401;
        patch(id, { state: refused ? "rejected" : "failed", problem: explain(error) });
      }
    },
    [handoff, arrived, patch, drop],
  );
  const send = useCallback(
    (text: string) => {
      const id = newId();
      update([...held.current, { id, text, state: "sending" }]);
      void deliver(id, text);
    },
    [update, deliver],
  );
  const again = useCallback(
    (id: string) => {
      const sent = held.current.find((one) => one.id === id);
      if (sent) void deliver(id, sent.text);
    },
    [deliver],
  );
  // In the order they were written, as soon as there is a line again.
  useEffect(() => {
    if (!lineUp) return;
    void (async () => {
      for (const sent of held.current.filter(({ state }) => state === "failed")) await deliver(sent.id, sent.text);
    })();
  }, [lineUp, deliver]);
  return { outbox, send, again, drop };
}
