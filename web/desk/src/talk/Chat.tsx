/** One hand-off: its conversation, the box to write in, and the customer's picture beside it. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Drawer } from "antd";
import { ArrowLeft, UserRound } from "lucide-react";
import { useCallback, useState } from "react";
import { PictureOf } from "../customers/Picture";
import type { Handoff } from "../net/types";
import { may, useMe } from "../session";
import { slot } from "../ui/format";
import { useLine, useOnline } from "../ui/news";
import { Empty, Failed, Plate } from "../ui/parts";
import { path } from "../ui/route";
import { words } from "../wording";
import { Composer } from "./Composer";
import { catchUp, readThread, threadKey } from "./messages";
import { useDraft, useOutbox } from "./outbox";
import { useTaking } from "./QueueItem";
import { isMine, isOffered, isWaiting } from "./queries";
import { ReturnDialog } from "./ReturnDialog";
import { Suggestions } from "./Suggestions";
import { Thread } from "./Thread";

const w = words.talk;
const POLL_MS = 4_000;

function note(handoff: Handoff | undefined, mine: boolean): string | null {
  if (!handoff || handoff.state === "ended") return w.endedNote;
  if (mine) return null;
  if (handoff.state === "booked") return w.bookedNote(handoff.slot ? slot(handoff.slot) : "");
  return handoff.state === "active" ? w.othersNote : w.waitingNote;
}

export function Chat({ id, handoff, known }: { id: string; handoff: Handoff | undefined; known: boolean }) {
  const me = useMe();
  const client = useQueryClient();
  const line = useLine();
  const online = useOnline();
  const thread = useQuery({
    queryKey: threadKey(id),
    queryFn: () => readThread(client, id),
    refetchInterval: line ? false : POLL_MS,
  });
  const { accept, decline } = useTaking();
  const [draft, setDraft] = useDraft(id);
  const arrived = useCallback(() => catchUp(client, id), [client, id]);
  const { outbox, send, again, drop } = useOutbox(id, line && online, arrived);
  const [picture, setPicture] = useState(false);
  const [returning, setReturning] = useState(false);
  const mine = handoff !== undefined && isMine(handoff, me);
  const messages = thread.data?.messages ?? [];
  const lastSaid = [...messages].reverse().find((message) => message.origin === "customer");
  const customer = handoff?.customer;
  const name = handoff?.customer_name ?? "";
  const looks = may(me, "customers");
  const hint = known ? note(handoff, mine) : null;
  return (
    <>
      <section className="chat" aria-label={name}>
        <header className="chat-head">
          <a className="icon-link only-phone" href={path("talk")} aria-label={words.back}>
            <ArrowLeft aria-hidden />
          </a>
          {name && <Plate name={name} small />}
          <div className="chat-who">
            <h2>{name || w.heading}</h2>
            {handoff && <p>{[w.reasons[handoff.reason] ?? handoff.reason, handoff.need ?? handoff.note].filter(Boolean).join("：")}</p>}
          </div>
          {customer && looks && (
            <Button className="only-narrow" icon={<UserRound aria-hidden size={18} />} aria-label={w.picture} onClick={() => setPicture(true)} />
          )}
          {mine && <Button onClick={() => setReturning(true)}>{w.back}</Button>}
        </header>
        {thread.isError && !thread.data ? (
          <Failed error={thread.error} retry={() => void thread.refetch()} />
        ) : (
          <Thread
            messages={messages}
            loading={thread.data === undefined}
            outbox={outbox}
            again={again}
            drop={(sent) => {
              drop(sent.id);
              setDraft(draft ? `${draft}\n${sent.text}` : sent.text);
            }}
            customer={customer}
            name={name}
          />
        )}
        {hint && (
          <div className="chat-note">
            <Alert type="info" message={hint} />
            {handoff && isWaiting(handoff, me) && (
              <div className="queue-tools">
                <Button type="primary" size="large" loading={accept.isPending} onClick={() => accept.mutate(id)}>
                  {w.accept}
                </Button>
                {isOffered(handoff, me) && (
                  <Button size="large" loading={decline.isPending} onClick={() => decline.mutate(id)}>
                    {w.decline}
                  </Button>
                )}
              </div>
            )}
          </div>
        )}
        {mine && (
          <>
            <Suggestions
              handoff={id}
              after={lastSaid?.seq}
              take={(text) => {
                setDraft(draft.trim() ? `${draft.trimEnd()}\n${text}` : text);
                document.getElementById("say")?.focus();
              }}
            />
            <Composer draft={draft} setDraft={setDraft} send={send} />
          </>
        )}
      </section>
      {customer && looks && (
        <aside className="talk-picture" aria-label={w.picture}>
          <PictureOf id={customer} narrow />
        </aside>
      )}
      {!customer && known && <div className="talk-picture"><Empty text={w.endedNote} /></div>}
      {customer && looks && (
        <Drawer open={picture} onClose={() => setPicture(false)} width="min(30rem, 100vw)" title={name} destroyOnHidden>
          <PictureOf id={customer} narrow />
        </Drawer>
      )}
      {handoff && <ReturnDialog handoff={handoff} open={returning} close={() => setReturning(false)} />}
    </>
  );
}
