/** The conversation as the customer sees it, with who said what. */
import { HostProvider, MessageView } from "@shared";
import { Button, Skeleton } from "antd";
import { ArrowDown, CircleHelp, RotateCw } from "lucide-react";
import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Message } from "@shared";
import { may, useMe } from "../session";
import { when } from "../ui/format";
import { words } from "../wording";
import { toTurns, type Turn } from "./messages";
import type { Sent } from "./outbox";
import { WrongHere } from "./WrongHere";

const w = words.talk;
const PAUSE_MS = 5 * 60_000;
const NEAR_PIXELS = 120;
/** What the customer saw, but nothing here acts for the customer. */
const QUIET_HOST = { masked: false, appearance: "desk" };

const textOf = (turn: Turn | undefined): string => turn?.messages.map((one) => (one.type === "text" ? one.text : "")).join("\n") ?? "";

const TurnView = memo(
  function TurnView(props: { turn: Turn; time: string | null; name: string; wrong?: () => void }) {
    const { turn } = props;
    const customer = turn.origin === "customer";
    const speaker = customer ? props.name || w.origins.customer : w.origins[turn.origin];
    const shown = turn.messages.filter((message) => message.type !== "quick_replies");
    return (
      <article className="said" data-origin={turn.origin}>
        {props.time && <p className="said-time">{props.time}</p>}
        {turn.origin !== "manager" && <p className="said-who">{speaker}</p>}
        {shown.map((message) => (
          <div key={message.id} className="said-block" data-type={message.type}>
            {message.type === "text" && turn.origin !== "assistant" && turn.origin !== "push" ? (
              <p className="said-bubble">{message.text}</p>
            ) : (
              <MessageView message={message} />
            )}
          </div>
        ))}
        {props.wrong && (
          <Button className="said-wrong" type="text" size="small" icon={<CircleHelp aria-hidden size={15} />} onClick={props.wrong}>
            {w.wrong}
          </Button>
        )}
      </article>
    );
  },
  (a, b) =>
    a.time === b.time &&
    a.name === b.name &&
    (a.wrong === undefined) === (b.wrong === undefined) &&
    a.turn.messages.length === b.turn.messages.length &&
    a.turn.messages.every((message, index) => message === b.turn.messages[index]),
);

export interface ThreadProps {
  messages: readonly Message[];
  loading?: boolean;
  outbox?: readonly Sent[];
  again?: (id: string) => void;
  /** Take back what the server refused. */
  drop?: (sent: Sent) => void;
  customer: string | undefined;
  name: string;
}

export function Thread({ messages, loading, outbox = [], again, drop, customer, name }: ThreadProps) {
  const me = useMe();
  const box = useRef<HTMLDivElement>(null);
  const [below, setBelow] = useState(false);
  const [wrong, setWrong] = useState<{ turn: Turn; said: string } | null>(null);
  const arrived = useMemo(() => new Set(messages.map((message) => message.id.replace(/^rm:/, ""))), [messages]);
  const turns = useMemo(() => toTurns(messages), [messages]);
  const waiting = outbox.filter((sent) => !arrived.has(sent.id));
  const near = useRef(true);
  const top = useRef(0);
  const toBottom = () => {
    const element = box.current;
    if (element) element.scrollTop = element.scrollHeight;
    setBelow(false);
  };
  useLayoutEffect(() => {
    if (near.current) toBottom();
    else setBelow(true);
  }, [turns.length, waiting.length]);
  useEffect(() => {
    // Charts and pictures grow after they were placed; stay at the end when that is where we were.
    const frame = box.current;
    if (!frame?.firstElementChild) return;
    const observer = new ResizeObserver(() => near.current && toBottom());
    observer.observe(frame);
    observer.observe(frame.firstElementChild);
    return () => observer.disconnect();
  }, []);
  let before = 0;
  return (
    <div className="thread-frame">
      <div
        ref={box}
        className="thread"
        // Scrolled with the keyboard too.
        tabIndex={0}
        role="log"
        aria-label={words.views.talk}
        onScroll={({ currentTarget: element }) => {
          const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PIXELS;
          // Growing content moves the end away too; only scrolling up means that somebody reads above.
          if (atEnd) near.current = true;
          else if (element.scrollTop < top.current) near.current = false;
          top.current = element.scrollTop;
          if (near.current) setBelow(false);
        }}
      >
        <div className="thread-inner">
          {loading && <Skeleton active avatar paragraph={{ rows: 3 }} aria-label={w.loading} />}
          {!loading && turns.length === 0 && <p className="faint thread-nothing">{w.nothing}</p>}
          <HostProvider value={QUIET_HOST}>
            {turns.map((turn, index) => {
              const at = Date.parse(turn.messages[0]?.at ?? "");
              const time = at - before > PAUSE_MS ? when(turn.messages[0]?.at) : null;
              before = at || before;
              const asked = turns.slice(0, index).reverse().find(({ origin }) => origin === "customer");
              const report = customer && turn.origin === "assistant" && may(me, "feedback_report");
              return (
                <TurnView
                  key={turn.key}
                  turn={turn}
                  time={time}
                  name={name}
                  wrong={report ? () => setWrong({ turn, said: textOf(asked) }) : undefined}
                />
              );
            })}
          </HostProvider>
          {waiting.map((sent) => (
            <article key={sent.id} className="said" data-origin="manager" data-state={sent.state}>
              <p className="said-bubble">{sent.text}</p>
              {sent.state === "sending" && <p className="said-state">{w.sending}</p>}
              {sent.state === "failed" && (
                <Button type="text" size="small" danger icon={<RotateCw aria-hidden size={15} />} onClick={() => again?.(sent.id)}>
                  {w.failed}
                </Button>
              )}
              {sent.state === "rejected" && (
                <Button type="text" size="small" danger onClick={() => drop?.(sent)}>
                  {sent.problem} · {words.talk.edit}
                </Button>
              )}
            </article>
          ))}
        </div>
      </div>
      {below && (
        <Button className="thread-down" shape="round" icon={<ArrowDown aria-hidden size={16} />} onClick={toBottom}>
          {w.toBottom}
        </Button>
      )}
      {wrong && customer && (
        <WrongHere
          customer={customer}
          message={wrong.turn.messages[0]?.id ?? ""}
          said={wrong.said}
          close={() => setWrong(null)}
        />
      )}
    </div>
  );
}
