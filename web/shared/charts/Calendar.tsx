/** Gain and loss by day, one month at a time. */
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useMemo, useState } from "react";
import { compact, grouped, MASK, toneOf } from "../figures";
import type { CalendarData, Figure } from "../messages";
import { words } from "../wording";
import type { Drawing } from "./Chart";

const w = words.calendar;

function byMonth({ days }: CalendarData): { name: string; values: Map<number, Figure | null> }[] {
  const months = new Map<string, Map<number, Figure | null>>();
  for (const { date, value } of days) {
    const month = date.slice(0, 7);
    if (!months.has(month)) months.set(month, new Map());
    months.get(month)?.set(Number(date.slice(8)), value);
  }
  return [...months].sort(([a], [b]) => a.localeCompare(b)).map(([name, values]) => ({ name, values }));
}

export function Calendar({ message, hidden }: Drawing<"calendar">) {
  const months = useMemo(() => byMonth(message.data), [message]);
  const largest = useMemo(
    () => Math.max(...message.data.days.map((day) => Math.abs(Number(day.value ?? 0))), Number.MIN_VALUE),
    [message],
  );
  const [index, setIndex] = useState(months.length - 1);
  const [picked, setPicked] = useState<number | null>(null);
  const month = months[index];
  if (!month) return <p className="pb-note">{words.chart.empty}</p>;
  const [year = 0, number = 1] = month.name.split("-").map(Number);
  const length = new Date(Date.UTC(year, number, 0)).getUTCDate();
  const lead = (new Date(Date.UTC(year, number - 1, 1)).getUTCDay() + 6) % 7;
  const cells = [...Array<null>(lead).fill(null), ...Array.from({ length }, (_, day) => day + 1)];
  while (cells.length % 7) cells.push(null);
  const weeks = Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
  const title = w.month(year, number);
  const turn = (step: number) => {
    setIndex(index + step);
    setPicked(null);
  };
  const value = picked === null ? undefined : month.values.get(picked);
  return (
    <div className="pb-calendar">
      <div className="pb-calendar-head">
        <button type="button" aria-label={w.previous} disabled={index === 0} onClick={() => turn(-1)}>
          <ChevronLeft aria-hidden />
        </button>
        <span aria-live="polite">{title}</span>
        <button type="button" aria-label={w.next} disabled={index === months.length - 1} onClick={() => turn(1)}>
          <ChevronRight aria-hidden />
        </button>
      </div>
      <table>
        <caption className="pb-sr">{w.caption(title)}</caption>
        <thead>
          <tr>
            {w.weekdays.map((day) => (
              <th key={day} scope="col">
                {day}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week, row) => (
            <tr key={row}>
              {week.map((day, column) => {
                if (day === null) return <td key={column} />;
                const figure = month.values.get(day) ?? null;
                const strength = figure === null ? 0 : Math.ceil((Math.abs(Number(figure)) / largest) * 4);
                return (
                  <td key={column}>
                    <button
                      type="button"
                      disabled={figure === null}
                      aria-pressed={picked === day}
                      data-tone={figure === null ? undefined : toneOf(figure)}
                      data-strength={strength}
                      onClick={() => setPicked(picked === day ? null : day)}
                    >
                      <span>{day}</span>
                      <small>{figure === null ? "" : hidden ? "**" : compact(figure)}</small>
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {picked !== null && (
        <p className="pb-reading" aria-live="polite">
          <span className="pb-reading-day">{`${number}月${picked}日`}</span>
          {value == null ? (
            w.noValue
          ) : (
            <strong className={hidden ? undefined : `pb-tone-${toneOf(value)}`}>
              {hidden ? MASK : `${grouped(value, true)}${message.unit ? ` ${message.unit}` : ""}`}
            </strong>
          )}
        </p>
      )}
    </div>
  );
}
