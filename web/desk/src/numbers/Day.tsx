/** The last day that was replayed: what came in, what became of it, and whether the sums hold. */
import { useQuery } from "@tanstack/react-query";
import { Alert } from "antd";
import { Check, X } from "lucide-react";
import { Problem } from "../net/api";
import { Loaded, Section } from "../ui/parts";
import { words } from "../wording";
import { dayQuery } from "./queries";

const w = words.numbers;

function Counts({ title, counts, names }: { title: string; counts: Record<string, number>; names: Record<string, string> }) {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (entries.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <dl className="reasons">
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt>{names[name] ?? name}</dt>
            <dd>{value.toLocaleString("zh-CN")}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

export function DayCard() {
  const day = useQuery(dayQuery);
  if (day.error instanceof Problem && day.error.status === 404) {
    return (
      <Section title={w.day}>
        <p className="faint">{w.noDay}</p>
      </Section>
    );
  }
  return (
    <Section title={w.day} note={w.dayNote}>
      <Loaded query={day}>
        {(report) => {
          const right = Object.values(report.adds_up).every(Boolean);
          return (
            <>
              <Alert type={right ? "success" : "error"} showIcon message={right ? w.addsUp : w.notAddsUp} />
              <div className="day-grid">
                <Counts title={w.dayParts.taken} counts={report.taken} names={w.dayNames} />
                <Counts title={w.dayParts.handled} counts={report.handled} names={w.dayNames} />
                <Counts title={w.dayParts.moments} counts={report.moments} names={w.dayNames} />
                <Counts title={w.dayParts.dropped} counts={report.dropped} names={w.dropped} />
                <Counts title={w.dayParts.effects} counts={report.effects} names={w.dayNames} />
                <Counts title={w.dayParts.leads} counts={report.leads} names={w.leadKinds} />
              </div>
              <ul className="adds-up">
                {Object.entries(report.adds_up).map(([sum, holds]) => (
                  <li key={sum} data-holds={holds}>
                    {holds ? <Check aria-hidden /> : <X aria-hidden />}
                    {sum}
                  </li>
                ))}
              </ul>
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}
