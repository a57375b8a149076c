/** One customer in the queue. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Badge, Button } from "antd";
import { useEffect, useRef, useState } from "react";
import { call, explain, Problem } from "../net/api";
import type { Handoff } from "../net/types";
import { useMe } from "../session";
import { slot, span } from "../ui/format";
import { Pill, Plate } from "../ui/parts";
import { go, path } from "../ui/route";
import { words } from "../wording";
import { isOffered, isWaiting } from "./queries";

const w = words.talk;
const URGENT_PRIORITY = 80;

/** Seconds that go on counting between two answers of the server; this machine's clock may be wrong, its pace is not. */
function useWaiting(handoff: Handoff): number {
  const told = useRef({ seconds: handoff.waiting_seconds, at: Date.now() });
  if (told.current.seconds !== handoff.waiting_seconds) told.current = { seconds: handoff.waiting_seconds, at: Date.now() };
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return told.current.seconds + Math.floor((Date.now() - told.current.at) / 1000);
}

function Waited({ handoff }: { handoff: Handoff }) {
  return <span>{w.waited(span(useWaiting(handoff)))}</span>;
}

export function useTaking() {
  const client = useQueryClient();
  const { message } = App.useApp();
  const failed = (error: unknown) => {
    void message.warning(error instanceof Problem && error.code === "taken" ? w.taken : explain(error));
    void client.invalidateQueries({ queryKey: ["handoffs"] });
  };
  const move = (verb: "accept" | "decline") => (id: string) => call<Handoff>("POST", `/handoffs/${encodeURIComponent(id)}/${verb}`);
  const accept = useMutation({
    mutationFn: move("accept"),
    onSuccess: async (_, id) => {
      await client.invalidateQueries({ queryKey: ["handoffs"] });
      void message.success(w.accepted);
      go("talk", id);
    },
    onError: failed,
  });
  const decline = useMutation({
    mutationFn: move("decline"),
    onSuccess: () => {
      void message.info(w.declined);
      void client.invalidateQueries({ queryKey: ["handoffs"] });
    },
    onError: failed,
  });
  return { accept, decline };
}

/** With `tools` it can be taken from here; it always leads to its conversation. */
export function QueueItem({ handoff, tools, current }: { handoff: Handoff; tools?: boolean; current?: boolean }) {
  const me = useMe();
  const { accept, decline } = useTaking();
  const waiting = isWaiting(handoff, me);
  const need = handoff.need ?? handoff.note;
  return (
    <article className="queue-item" data-current={current} aria-label={handoff.customer_name}>
      <a className="queue-link" href={path("talk", handoff.id)} aria-current={current ? "true" : undefined}>
        <Badge count={handoff.state === "active" ? handoff.unread : 0} size="small">
          <Plate name={handoff.customer_name} />
        </Badge>
        <span className="queue-text">
          <span className="queue-name">
            <strong>{handoff.customer_name}</strong>
            {handoff.priority >= URGENT_PRIORITY && <Pill tone="warn">{w.urgent}</Pill>}
            {isOffered(handoff, me) && <Pill tone="gold">{w.offered}</Pill>}
          </span>
          <span className="queue-why">
            {w.reasons[handoff.reason] ?? handoff.reason}
            {need && `：${need}`}
          </span>
          <span className="queue-wait">
            {handoff.state === "booked" && handoff.slot ? (
              slot(handoff.slot)
            ) : handoff.state === "active" ? (
              (handoff.manager ?? "")
            ) : (
              <>
                {handoff.position ? <span>{w.position(handoff.position)}</span> : null}
                <Waited handoff={handoff} />
              </>
            )}
          </span>
        </span>
      </a>
      {tools && waiting && (
        <div className="queue-tools">
          <Button type="primary" loading={accept.isPending} onClick={() => accept.mutate(handoff.id)}>
            {w.accept}
          </Button>
          {isOffered(handoff, me) && (
            <Button loading={decline.isPending} onClick={() => decline.mutate(handoff.id)}>
              {w.decline}
            </Button>
          )}
        </div>
      )}
    </article>
  );
}
