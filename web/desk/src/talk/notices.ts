/** A visible word, without sound, when a customer begins to wait or says something elsewhere than on the screen. */
import { App, Button } from "antd";
import { createElement, useEffect, useRef } from "react";
import type { Handoff, Me } from "../net/types";
import { go } from "../ui/route";
import { words } from "../wording";
import { isMine, isWaiting } from "./queries";

const SHOWN_SECONDS = 12;

export function useHandoffNotices(handoffs: Handoff[] | undefined, me: Me, shown: string | undefined): void {
  const { notification } = App.useApp();
  const known = useRef<Map<string, number> | null>(null);
  useEffect(() => {
    if (!handoffs) return;
    const before = known.current;
    const now = new Map<string, number>();
    for (const one of handoffs) {
      const waiting = isWaiting(one, me);
      if (!waiting && !isMine(one, me)) continue;
      const weight = waiting ? 0 : one.unread;
      now.set(one.id, weight);
      // What was there when the page opened is on the page already.
      const fresh = before !== null && (waiting ? !before.has(one.id) : weight > (before.get(one.id) ?? 0));
      if (fresh && one.id !== shown) {
        const open = () => {
          notification.destroy(one.id);
          go("talk", one.id);
        };
        notification.info({
          key: one.id,
          message: waiting ? words.notice.waiting(one.customer_name) : words.notice.said(one.customer_name),
          description: waiting ? (one.need ?? one.note ?? undefined) : undefined,
          duration: SHOWN_SECONDS,
          btn: createElement(Button, { type: "primary", size: "small", onClick: open }, waiting ? words.notice.accept : words.notice.open),
        });
      }
    }
    for (const gone of before?.keys() ?? []) if (!now.has(gone)) notification.destroy(gone);
    known.current = now;
  }, [handoffs, me, shown, notification]);
}
