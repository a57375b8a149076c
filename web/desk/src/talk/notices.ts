/** A visible word, without sound, when a customer begins to wait or says something elsewhere than on the screen. */
import { App, Button } from "antd";
import { createElement, useEffect, useRef } from "react";
import type { Handoff, Me } from "../net/types";
import { go } from "../ui/route";
import { words } from "../wording";
import { isMine, isWaiting } from "./queries";

const SHOWN_SECONDS = 12;
/** Weighs more than any number of unread messages. */
const WAITS = Number.POSITIVE_INFINITY;

/** `place`: the view and what is open in it; what stands there already needs no notice. */
export function useHandoffNotices(handoffs: Handoff[] | undefined, me: Me, place: readonly string[]): void {
  const { notification } = App.useApp();
  const known = useRef<Map<string, number> | null>(null);
  const [view = "today", open] = place;
  useEffect(() => {
    if (!handoffs) return;
    const before = known.current;
    const now = new Map<string, number>();
    const queueShown = open === undefined && (view === "today" || view === "talk");
    for (const one of handoffs) {
      const waiting = isWaiting(one, me);
      if (!waiting && !isMine(one, me)) continue;
      const weight = waiting ? WAITS : one.unread;
      now.set(one.id, weight);
      // What was there when the page opened is on the page already.
      const fresh = before !== null && (waiting ? !before.has(one.id) : weight > (before.get(one.id) ?? 0));
      if (!fresh || one.id === open || (waiting && queueShown)) continue;
      const lead = () => {
        notification.destroy(one.id);
        go("talk", one.id);
      };
      notification.info({
        key: one.id,
        message: waiting ? words.notice.waiting(one.customer_name) : words.notice.said(one.customer_name),
        description: waiting ? (one.need ?? one.note ?? undefined) : undefined,
        duration: SHOWN_SECONDS,
        btn: createElement(Button, { type: "primary", onClick: lead }, waiting ? words.notice.accept : words.notice.open),
      });
    }
    // Taken, given up or read elsewhere.
    for (const [id, weight] of before ?? []) if ((now.get(id) ?? 0) < weight || id === open) notification.destroy(id);
    known.current = now;
  }, [handoffs, me, view, open, notification]);
}
