/** Who waits, today's leads, the next appointments. */
import { useQuery } from "@tanstack/react-query";
import { Segmented } from "antd";
import { useState } from "react";
import { BookingList } from "../customers/Bookings";
import { bookingsQuery } from "../customers/queries";
import { get, query } from "../net/api";
import type { Lead, LeadState, Scope } from "../net/types";
import { may, scopesOf, useMe } from "../session";
import { QueueItem } from "../talk/QueueItem";
import { handoffsQuery, isWaiting } from "../talk/queries";
import { dayOf } from "../ui/format";
import { useLine } from "../ui/news";
import { Loaded, PageHead, Section } from "../ui/parts";
import { path } from "../ui/route";
import { words } from "../wording";
import { LeadCard } from "./LeadCard";

const w = words.today;
const STATES: LeadState[] = ["open", "contacted", "won", "lost", "expired"];
const MOST = 50;
const SOON_HOURS = 24;

export const leadsQuery = (state: LeadState, scope: Scope | undefined) => ({
  queryKey: ["leads", state, scope],
  queryFn: () => get<{ leads: Lead[] }>(`/leads${query({ state, scope, limit: MOST })}`),
});

function greeting(): string {
  const hour = Number(new Intl.DateTimeFormat("en", { timeZone: "Asia/Shanghai", hour: "2-digit", hourCycle: "h23" }).format());
  if (hour < 11) return w.greeting.morning;
  if (hour < 13) return w.greeting.noon;
  return hour < 18 ? w.greeting.afternoon : w.greeting.evening;
}

const shownCount = (count: number | undefined, most?: number) =>
  count === undefined ? "…" : most && count >= most ? `${most}+` : String(count);

export default function Today() {
  const me = useMe();
  const line = useLine();
  const scopes = scopesOf(me, "leads");
  const [scope, setScope] = useState(scopes[0]);
  const [state, setState] = useState<LeadState>("open");
  const open = useQuery(leadsQuery("open", scope));
  const leads = useQuery(leadsQuery(state, scope));
  const handoffs = useQuery({ ...handoffsQuery(line), enabled: may(me, "handoffs") });
  const bookings = useQuery({ ...bookingsQuery(), enabled: may(me, "bookings") });
  const waiting = handoffs.data?.handoffs.filter((one) => isWaiting(one, me)) ?? [];
  const soon = open.data?.leads.filter((lead) => lead.expires_in_hours <= SOON_HOURS).length;
  const counts = [
    { title: w.counts.waiting, value: shownCount(handoffs.data && waiting.length), warn: waiting.length > 0, to: path("talk") },
    { title: w.counts.open, value: shownCount(open.data?.leads.length, MOST) },
    { title: w.counts.soon, value: shownCount(soon), warn: (soon ?? 0) > 0 },
    {
      title: w.counts.bookings,
      value: shownCount(bookings.data?.bookings.filter((one) => dayOf(one.at) === words.time.today).length),
    },
  ];
  return (
    <div className="page today">
      <PageHead title={`${greeting()}，${me.name}`} />
      <dl className="counts">
        {counts.map((count) => (
          <div key={count.title} data-warn={count.warn}>
            <dt>{count.title}</dt>
            <dd>{count.to ? <a href={count.to}>{count.value}</a> : count.value}</dd>
          </div>
        ))}
      </dl>
      <div className="today-columns">
        <div>
          {waiting.length > 0 && (
            <Section title={w.waiting} className="section-warm">
              <div className="stack">
                {waiting.map((one) => (
                  <QueueItem key={one.id} handoff={one} tools />
                ))}
              </div>
            </Section>
          )}
          <Section
            title={w.leads}
            note={w.leadsNote}
            extra={
              scopes.length > 1 && (
                <Segmented
                  aria-label={words.scope.label}
                  value={scope}
                  onChange={setScope}
                  options={scopes.map((value) => ({ value, label: words.scope[value] }))}
                />
              )
            }
          >
            <div className="scroller">
              <Segmented
                aria-label={w.stateLabel}
                value={state}
                onChange={setState}
                options={STATES.map((value) => ({ value, label: w.states[value] }))}
              />
            </div>
            <Loaded query={leads} empty={w.empty[state]} isEmpty={(data) => data.leads.length === 0} rows={8}>
              {(data) => (
                <div className="stack">
                  {data.leads.map((lead, index) => (
                    <LeadCard key={lead.id} lead={lead} open={state === "open" && index < 3} />
                  ))}
                </div>
              )}
            </Loaded>
          </Section>
        </div>
        <Section title={w.bookings} className="today-bookings">
          <Loaded query={bookings} empty={w.noBookings} isEmpty={(data) => data.bookings.length === 0} rows={3}>
            {(data) => <BookingList bookings={data.bookings} />}
          </Loaded>
        </Section>
      </div>
    </div>
  );
}
