/** A customer on one page: what is owned, how sound it is, what is open, what was said and done. */
import { HostProvider, MessageView } from "@shared";
import { grouped, toneOf } from "@shared/figures";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import clsx from "clsx";
import { CalendarPlus, MessageCircle } from "lucide-react";
import { useMemo, useState } from "react";
import type { Overview, Person, Picture as PictureData, SentMessage } from "../net/types";
import { may, useMe } from "../session";
import { LeadCard } from "../today/LeadCard";
import { Results } from "../today/Results";
import { dayOf, roughly, when } from "../ui/format";
import { Loaded, Pill, Plate, Section } from "../ui/parts";
import { words } from "../wording";
import { BookDialog, BookingList } from "./Bookings";
import { Conversation } from "./Conversation";
import { DriftBands } from "./DriftBands";
import { checkupChart, overviewChart } from "./charts";
import { pictureQuery } from "./queries";

const w = words.customers;
const HOST = { masked: false, appearance: "desk" };

function Head({ person, total, narrow }: { person: Person; total: string; narrow?: boolean }) {
  const { risk } = person;
  const facts = [
    [w.aum, roughly(total)],
    [w.stage, person.stage.name],
    [w.rating, risk.state === "valid" && risk.rating ? risk.rating : w.risk[risk.state]],
    [w.level, person.level],
    [w.age, person.age === null ? null : w.years(person.age)],
    [w.with, dayOf(person.since)],
    [w.manager, person.manager],
    [w.branch, person.branch],
  ].filter(([, value]) => value);
  return (
    <header className="picture-head">
      {!narrow && <Plate name={person.name} />}
      <div>
        {narrow ? <h2 className="pb-sr">{person.name}</h2> : <h1>{person.name}</h1>}
        <span className="faint">{person.id}</span>
      </div>
      <dl>
        {facts.map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </header>
  );
}

function reached(message: SentMessage): string {
  if (message.acted_at) return w.reached.acted;
  if (message.answered_at) return w.reached.answered;
  if (message.seen_at) return w.reached.seen;
  if (message.delivered_at) return w.reached.sent;
  return message.state === "waiting" || message.state === "ready" ? w.reached.waiting : w.reached.expired;
}

function Holdings({ holdings }: { holdings: Overview["holdings"] }) {
  return (
    <ul className="holdings">
      {holdings.map((one) => (
        <li key={one.code}>
          <span>
            {one.name} <small className="faint">{one.risk}</small>
          </span>
          <span title={one.value}>{roughly(one.value)}</span>
          <span className={`pb-tone-${toneOf(one.gain)}`}>{grouped(one.gain, true)}</span>
        </li>
      ))}
    </ul>
  );
}

function Nothing({ text }: { text: string }) {
  return <p className="faint">{text}</p>;
}

function Body({ data, narrow }: { data: PictureData; narrow?: boolean }) {
  const me = useMe();
  const [booking, setBooking] = useState(false);
  const [talk, setTalk] = useState(false);
  const { customer } = data;
  const overview = useMemo(() => overviewChart(data.overview), [data]);
  const checkup = useMemo(() => checkupChart(data.checkup), [data]);
  const s = w.sections;
  return (
    <div className={clsx("picture", narrow && "picture-narrow")}>
      <Head person={customer} total={data.overview.total} narrow={narrow} />
      <div className="picture-tools">
        {may(me, "bookings") && (
          <Button icon={<CalendarPlus aria-hidden size={18} />} onClick={() => setBooking(true)}>
            {w.book}
          </Button>
        )}
        {!narrow && may(me, "conversations") && (
          <Button icon={<MessageCircle aria-hidden size={18} />} aria-expanded={talk} onClick={() => setTalk(!talk)}>
            {w.showConversation}
          </Button>
        )}
      </div>
      {talk && (
        <Section title={s.conversation}>
          <Conversation customer={customer.id} name={customer.name} />
        </Section>
      )}
      <HostProvider value={HOST}>
        <div className="picture-grid">
          <Section title={s.tags}>
            {data.tags.length === 0 ? (
              <Nothing text={w.noTags} />
            ) : (
              <ul className="tags">
                {data.tags.map((tag) => (
                  <li key={tag.tag}>
                    <Pill tone="accent">{tag.title}</Pill>
                    <span>{tag.why}</span>
                    <span className="faint">{w.since(dayOf(tag.since))}</span>
                  </li>
                ))}
              </ul>
            )}
          </Section>
          <Section title={s.matters}>
            {data.open_matters.length === 0 ? (
              <Nothing text={w.noMatters} />
            ) : (
              <ol className="lines">
                {data.open_matters.map((matter, index) => (
                  <li key={index}>
                    <p>
                      <span>{matter.title}</span>
                      {matter.on && <time className="faint">{dayOf(matter.on)}</time>}
                    </p>
                  </li>
                ))}
              </ol>
            )}
          </Section>
          <Section title={s.checkup}>
            <MessageView message={checkup} />
            {data.checkup.upgrades.length > 0 && (
              <>
                <h3>{w.upgrades}</h3>
                <ol className="upgrades">
                  {data.checkup.upgrades.map((upgrade) => (
                    <li key={upgrade.key}>
                      <strong>{upgrade.title}</strong>
                      {upgrade.why}
                    </li>
                  ))}
                </ol>
              </>
            )}
          </Section>
          <Section title={s.overview} note={w.asOf(when(data.overview.as_of))}>
            {data.overview.classes.length > 0 ? <MessageView message={overview} /> : <Nothing text={w.noOverview} />}
            {data.overview.holdings.length > 0 && <Holdings holdings={data.overview.holdings} />}
          </Section>
          <Section title={s.drift} note={data.drift.length > 0 && s.driftNote}>
            {data.drift.length === 0 ? <Nothing text={w.noDrift} /> : <DriftBands drift={data.drift} />}
          </Section>
          <Section title={s.leads}>
            {data.leads.length === 0 ? (
              <Nothing text={w.noLeads} />
            ) : (
              <div className="stack">
                {data.leads.map((lead) => (
                  <LeadCard key={lead.id} lead={lead} plain />
                ))}
              </div>
            )}
          </Section>
          <Section title={s.messages}>
            {data.messages.length === 0 ? (
              <Nothing text={w.noMessages} />
            ) : (
              <ol className="lines">
                {data.messages.map((message) => (
                  <li key={message.push_id}>
                    <p>
                      <Pill>{reached(message)}</Pill>
                      <time className="faint">{when(message.delivered_at ?? message.created_at)}</time>
                    </p>
                    <p>{message.sentences.join("")}</p>
                  </li>
                ))}
              </ol>
            )}
          </Section>
          <Section title={s.results}>
            {data.results.length === 0 ? <Nothing text={w.noResults} /> : <Results results={data.results} />}
          </Section>
          <Section title={s.bookings}>
            {data.bookings.length === 0 ? (
              <Nothing text={w.noBookings} />
            ) : (
              <BookingList bookings={data.bookings.map((one) => ({ ...one, customer_name: customer.name }))} plain />
            )}
          </Section>
        </div>
      </HostProvider>
      <BookDialog customer={customer.id} name={customer.name} open={booking} close={() => setBooking(false)} />
    </div>
  );
}

/** `narrow`: beside a conversation, in one column. */
export function PictureOf({ id, narrow }: { id: string; narrow?: boolean }) {
  const picture = useQuery(pictureQuery(id));
  return (
    <Loaded query={picture} rows={12}>
      {(data) => <Body data={data} narrow={narrow} />}
    </Loaded>
  );
}

