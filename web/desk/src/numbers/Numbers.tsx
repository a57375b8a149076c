/** How it goes: people, conversations, messages, leads, and the reached beside the control group. */
import { HostProvider, MessageView } from "@shared";
import { useQuery } from "@tanstack/react-query";
import { Button, Segmented, Select } from "antd";
import { Download } from "lucide-react";
import { useMemo, useState } from "react";
import { may, useMe } from "../session";
import { roughly } from "../ui/format";
import { Loaded, PageHead, Section } from "../ui/parts";
import { words } from "../wording";
import { DayCard } from "./Day";
import { Funnel } from "./Funnel";
import { line } from "./charts";
import { address, numbersQuery, type Report, type Row, type Wanted } from "./queries";

const w = words.numbers;
const HOST = { masked: false, appearance: "desk" };
const zone = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" });

const number = (value: unknown): number => Number(value ?? 0) || 0;
const percent = (part: number, whole: number): string => (whole > 0 ? `${((part / whole) * 100).toFixed(1)}%` : "—");
const count = (value: unknown): string => number(value).toLocaleString("zh-CN");

function Table(props: { caption: string; columns: { key: string; title: string; text?: (row: Row) => string }[]; rows: Row[] }) {
  return (
    // Scrolled with the keyboard too.
    <div className="table-scroller" tabIndex={0} role="region" aria-label={props.caption}>
      <table className="plain">
        <thead>
          <tr>
            {props.columns.map((column) => (
              <th key={column.key} scope="col">
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row, index) => (
            <tr key={index}>
              {props.columns.map((column) => (
                <td key={column.key}>{column.text ? column.text(row) : String(row[column.key] ?? "—")}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Key({ report }: { report: Report }) {
  const { totals } = report;
  const talks = number(totals.conversations);
  const month = report.mau[report.mau.length - 1];
  const figures = [
    { title: w.mau, value: count(month?.customers), note: month ? String(month.month) : undefined },
    { title: w.resolved, value: percent(number(totals.resolved), talks), note: w.of(count(talks)) },
    { title: w.escalated, value: percent(number(totals.escalated), talks) },
    { title: w.abandoned, value: percent(number(totals.abandoned), talks) },
    { title: w.fallback, value: percent(number(totals.unsure), number(totals.questions)), note: w.asked(count(totals.questions)) },
    { title: w.seconds, value: totals.seconds === null ? "—" : `${number(totals.seconds).toFixed(1)} ${w.perSecond}` },
  ];
  return (
    <dl className="counts counts-six">
      {figures.map((one) => (
        <div key={one.title}>
          <dt>{one.title}</dt>
          <dd>
            {one.value}
            {one.note && <small>{one.note}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Body({ report }: { report: Report }) {
  const { series, totals, funnel } = report;
  const charts = useMemo(
    () => ({
      people: line("people", w.charts.people, w.people, series, { customers: w.mau, sessions: w.sessions }),
      talks: line("talks", w.charts.talks, w.times, series, { resolved: w.resolved, escalated: w.escalated, abandoned: w.abandoned }),
      fallback: line("fallback", w.charts.fallback, "%", series.map((row) => ({
        bucket: row.bucket ?? null,
        rate: number(row.questions) > 0 ? (number(row.unsure) / number(row.questions)) * 100 : null,
      })), { rate: w.fallback }),
      seconds: line("seconds", w.charts.seconds, w.perSecond, series, { seconds: w.seconds }),
    }),
    [series],
  );
  return (
    <HostProvider value={HOST}>
      <Key report={report} />
      <div className="numbers-grid">
        {[charts.people, charts.talks, charts.fallback, charts.seconds].map((chart) => (
          <div key={chart.id} className="numbers-chart">
            <MessageView message={chart} />
          </div>
        ))}
        <Section title={w.charts.outreach}>
          <Funnel
            steps={[
              { title: w.delivered, value: number(totals.delivered) },
              { title: w.seen, value: number(totals.seen) },
              { title: w.answered, value: number(totals.answered) },
              { title: w.acted, value: number(totals.acted) },
            ]}
          />
          <Table
            caption={w.charts.outreach}
            rows={funnel.outreach}
            columns={[
              { key: "title", title: w.rule },
              { key: "delivered", title: w.delivered },
              { key: "seen", title: w.seen },
              { key: "answered", title: w.answered },
              { key: "acted", title: w.acted },
              { key: "amount", title: w.amount, text: (row) => roughly(String(row.amount ?? 0)) },
            ]}
          />
        </Section>
        <Section title={w.charts.leads}>
          <Funnel
            steps={[
              { title: w.leads, value: funnel.leads.reduce((sum, row) => sum + number(row.leads), 0) },
              { title: w.handled, value: funnel.leads.reduce((sum, row) => sum + number(row.handled), 0) },
              { title: w.won, value: funnel.leads.reduce((sum, row) => sum + number(row.won), 0) },
            ]}
          />
          <Table
            caption={w.charts.leads}
            rows={funnel.leads}
            columns={[
              { key: "title", title: w.kind },
              { key: "leads", title: w.leads },
              { key: "handled", title: w.handled },
              { key: "won", title: w.won },
              { key: "value", title: w.amount, text: (row) => roughly(String(row.value ?? 0)) },
            ]}
          />
        </Section>
        <Section title={w.charts.purchases}>
          <Funnel
            steps={[
              { title: w.started, value: number(totals.purchase_started) },
              { title: w.completed, value: number(totals.purchase_completed) },
            ]}
          />
          <p>
            {w.bought} <strong>{roughly(String(totals.purchase_amount ?? 0))}</strong>
          </p>
        </Section>
        <Section title={w.charts.control} note={w.controlNote}>
          <Table
            caption={w.charts.control}
            rows={report.reached_vs_control}
            columns={[
              { key: "title", title: w.part },
              { key: "customers", title: w.customers, text: (row) => count(row.customers) },
              { key: "mean_aum", title: w.meanAum, text: (row) => roughly(String(row.mean_aum ?? 0)) },
              { key: "mean_inflow", title: w.meanInflow, text: (row) => roughly(String(row.mean_inflow ?? 0)) },
            ]}
          />
        </Section>
        {report.silent.length > 0 && (
          <Section title={w.charts.silent}>
            <Table
              caption={w.charts.silent}
              rows={report.silent}
              columns={[
                { key: "title", title: w.why },
                { key: "moments", title: w.times, text: (row) => count(row.moments) },
              ]}
            />
          </Section>
        )}
        {report.branches.length > 1 && (
          <Section title={w.charts.branches}>
            <Table
              caption={w.charts.branches}
              rows={report.branches}
              columns={[
                { key: "branch", title: w.branch },
                { key: "customers", title: w.customers, text: (row) => count(row.customers) },
              ]}
            />
          </Section>
        )}
      </div>
    </HostProvider>
  );
}

export default function Numbers() {
  const me = useMe();
  const [days, setDays] = useState("30");
  const [by, setBy] = useState<Wanted["by"]>("day");
  const [channel, setChannel] = useState("");
  const wanted: Wanted = {
    from: zone.format(new Date(Date.now() - (Number(days) - 1) * 86_400_000)),
    to: zone.format(new Date()),
    by,
    channel,
  };
  const found = useQuery({ ...numbersQuery(wanted), placeholderData: (before) => before });
  return (
    <div className="page">
      <PageHead title={w.heading}>
        <Button icon={<Download aria-hidden size={16} />} href={`/desk/api${address(wanted, ".csv")}`} download>
          {w.csv}
        </Button>
      </PageHead>
      <div className="filters">
        <Segmented
          aria-label={w.period}
          value={days}
          onChange={setDays}
          options={Object.entries(w.periods).map(([value, label]) => ({ value, label }))}
        />
        <Segmented
          aria-label={w.byLabel}
          value={by}
          onChange={setBy}
          options={[
            { value: "day", label: w.by.day },
            { value: "week", label: w.by.week },
          ]}
        />
        <Select
          aria-label={w.channel}
          value={channel}
          onChange={setChannel}
          options={Object.entries(w.channels).map(([value, label]) => ({ value, label }))}
        />
      </div>
      <Loaded query={found} rows={12}>
        {(report) => <Body report={report} />}
      </Loaded>
      {may(me, "day") && <DayCard />}
    </div>
  );
}
