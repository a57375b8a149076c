/** The queue, one conversation, and who the customer is. On a phone one of them at a time. */
import { useQuery } from "@tanstack/react-query";
import { Alert, Switch } from "antd";
import { MessageCircle } from "lucide-react";
import type { Handoff, HandoffList } from "../net/types";
import { usePresence } from "../mine/presence";
import { useMe } from "../session";
import { slot } from "../ui/format";
import { useLine } from "../ui/news";
import { Empty, Loaded } from "../ui/parts";
import { words } from "../wording";
import { Chat } from "./Chat";
import { QueueItem } from "./QueueItem";
import { handoffsQuery, isMine } from "./queries";

const w = words.talk;

function Queue({ list, current }: { list: HandoffList; current: string | undefined }) {
  const me = useMe();
  const by = (test: (one: Handoff) => boolean) => list.handoffs.filter(test);
  const groups = [
    { title: w.mine, handoffs: by((one) => isMine(one, me)) },
    { title: w.queue, handoffs: by((one) => one.state === "requested" || one.state === "queued"), tools: true },
    { title: w.booked, handoffs: by((one) => one.state === "booked") },
    { title: w.others, handoffs: by((one) => one.state === "active" && !isMine(one, me)) },
  ].filter((group) => group.handoffs.length > 0);
  return (
    <>
      {list.desk.open ? (
        <p className="queue-desk">{w.desk(list.desk.free, list.desk.waiting)}</p>
      ) : (
        <Alert
          type="info"
          message={w.closed}
          description={list.desk.next_slot ? w.nextSlot(slot(list.desk.next_slot)) : undefined}
        />
      )}
      {groups.length === 0 && <Empty text={w.empty} />}
      {groups.map((group) => (
        <section key={group.title} className="queue-group">
          <h2>
            {group.title} <span className="faint">{group.handoffs.length}</span>
          </h2>
          {group.handoffs.map((one) => (
            <QueueItem key={one.id} handoff={one} tools={group.tools} current={one.id === current} />
          ))}
        </section>
      ))}
    </>
  );
}

/** Without it nobody is offered to this desk, so it stands where one looks for customers. */
function Taking() {
  const { presence, put } = usePresence();
  if (!presence.data) return null;
  const { available, capacity } = presence.data;
  return (
    <label className="taking">
      {words.mine.presence}
      <Switch
        aria-label={words.mine.presence}
        checked={available}
        loading={put.isPending}
        onChange={(now) => put.mutate({ available: now, capacity })}
      />
    </label>
  );
}

export default function Talk({ parts: [id] }: { parts: string[] }) {
  const line = useLine();
  const handoffs = useQuery(handoffsQuery(line));
  return (
    <div className="talk" data-open={id !== undefined}>
      <section className="talk-queue">
        <header className="talk-head">
          <h1>{w.heading}</h1>
          <Taking />
        </header>
        <Loaded query={handoffs}>{(list) => <Queue list={list} current={id} />}</Loaded>
      </section>
      {id ? (
        <Chat key={id} id={id} handoff={handoffs.data?.handoffs.find((one) => one.id === id)} known={handoffs.isSuccess} />
      ) : (
        <div className="talk-none">
          <MessageCircle aria-hidden />
          <p>{w.none}</p>
          <p className="faint">{w.noneNote}</p>
        </div>
      )}
    </div>
  );
}
