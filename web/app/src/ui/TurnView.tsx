/** One turn of the thread: what the customer said, or one whole answer with its tools. */
import { HostProvider, type Message, MessageView, type Rating, useHost } from "@shared";
import { BellRing, Copy, RotateCw, ThumbsDown, ThumbsUp } from "lucide-react";
import { memo, useMemo, useState } from "react";
import type { Sent } from "../chat/outbox";
import { shownText } from "../chat/outbox";
import { asWords, type Turn } from "../chat/turns";
import { words } from "../wording";

export interface TurnActions {
  resend: (id: string) => void;
  edit: (id: string) => void;
  rate: (id: string, rating: Rating | null, reason?: string) => Promise<void>;
  toast: (text: string) => void;
}

function Mine({ turn, actions }: { turn: Turn; actions: TurnActions }) {
  const { masked } = useHost();
  const said = turn.messages[0];
  const text = turn.sent?.text ?? (said?.type === "text" ? said.text : "");
  return (
    <div className="mine">
      <p className="bubble" data-state={turn.sent?.state}>
        {shownText(text, masked)}
      </p>
      {turn.sent && <Status sent={turn.sent} actions={actions} />}
    </div>
  );
}

function Status({ sent, actions }: { sent: Sent; actions: TurnActions }) {
  if (sent.state === "failed") {
    return (
      <button type="button" className="status status-failed" onClick={() => actions.resend(sent.id)}>
        <RotateCw aria-hidden />
        {words.sent.failed}
      </button>
    );
  }
  if (sent.state === "rejected") {
    return (
      <p className="status status-failed">
        {sent.problem}
        <button type="button" onClick={() => actions.edit(sent.id)}>
          {words.sent.edit}
        </button>
      </p>
    );
  }
  return <p className="status">{words.sent[sent.state]}</p>;
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without a secure context there is no clipboard; the old way still works there.
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "pb-sr";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function Tools({ turn, actions }: { turn: Turn; actions: TurnActions }) {
  const { masked } = useHost();
  const [asking, setAsking] = useState(false);
  const rated = turn.messages[0];
  if (!rated) return null;
  const rate = (rating: Rating | null, reason?: string) => {
    actions.rate(rated.id, rating, reason).then(
      () => rating && (rating === "up" || reason) && actions.toast(words.tools.thanks),
      () => actions.toast(words.tools.failed),
    );
  };
  return (
    <div className="tools">
      <button
        type="button"
        aria-label={words.tools.copy}
        onClick={async () => {
          const done = await copy(shownText(asWords(turn.messages), masked));
          actions.toast(done ? words.tools.copied : words.tools.copyFailed);
        }}
      >
        <Copy aria-hidden />
      </button>
      <button
        type="button"
        aria-label={words.tools.good}
        aria-pressed={rated.rating === "up"}
        onClick={() => {
          setAsking(false);
          rate(rated.rating === "up" ? null : "up");
        }}
      >
        <ThumbsUp aria-hidden />
      </button>
      <button
        type="button"
        aria-label={words.tools.bad}
        aria-pressed={rated.rating === "down"}
        aria-expanded={asking}
        onClick={() => {
          const down = rated.rating !== "down";
          setAsking(down);
          rate(down ? "down" : null);
        }}
      >
        <ThumbsDown aria-hidden />
      </button>
      {asking && (
        <div className="reasons" role="group" aria-label={words.tools.why}>
          <span>{words.tools.why}</span>
          {Object.entries(words.tools.reasons).map(([reason, title]) => (
            <button
              key={reason}
              type="button"
              onClick={() => {
                setAsking(false);
                rate("down", reason);
              }}
            >
              {title}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

const NOTES = new Set<Message["type"]>(["source", "disclosure"]);

function Theirs(props: { turn: Turn; latest: boolean; manager?: string; actions: TurnActions }) {
  const { turn, latest } = props;
  const host = useHost();
  // Buttons of an old answer would speak into another context: only the newest ones can be pressed.
  const quietHost = useMemo(() => (latest ? host : { ...host, say: undefined }), [host, latest]);
  const name = turn.origin === "manager" ? (props.manager ?? words.origins.manager) : words.origins.assistant;
  const shown = turn.messages.filter((message) => latest || message.type !== "quick_replies");
  const quick = shown.filter((message) => message.type === "quick_replies");
  const body = shown.filter((message) => message.type !== "quick_replies");
  return (
    <div className="theirs" data-origin={turn.origin}>
      {turn.origin === "push" ? (
        <p className="speaker">
          <BellRing aria-hidden />
          {words.origins.push}
        </p>
      ) : (
        turn.origin === "manager" && <p className="speaker">{name}</p>
      )}
      {body.map((message) => (
        <div key={message.id} className={NOTES.has(message.type) ? "block block-note" : "block"}>
          <HostProvider value={message.type === "form_step" ? quietHost : host}>
            <MessageView message={message} />
          </HostProvider>
        </div>
      ))}
      {turn.origin === "assistant" && body.length > 0 && <Tools turn={turn} actions={props.actions} />}
      {quick.map((message) => (
        <MessageView key={message.id} message={message} />
      ))}
    </div>
  );
}

export const TurnView = memo(
  function TurnView(props: { turn: Turn; latest: boolean; manager?: string; actions: TurnActions }) {
    const { turn } = props;
    return (
      <article className="turn">
        {turn.unreadAbove && <p className="divider">{words.thread.unread}</p>}
        {turn.time && <p className="time">{turn.time}</p>}
        {turn.origin === "customer" ? <Mine turn={turn} actions={props.actions} /> : <Theirs {...props} />}
      </article>
    );
  },
  // Turns are made anew with every change of the log; the messages in them are the same objects.
  (a, b) =>
    a.latest === b.latest &&
    a.manager === b.manager &&
    a.actions === b.actions &&
    a.turn.sent === b.turn.sent &&
    a.turn.time === b.turn.time &&
    a.turn.unreadAbove === b.turn.unreadAbove &&
    a.turn.messages.length === b.turn.messages.length &&
    a.turn.messages.every((message, index) => message === b.turn.messages[index]),
);
