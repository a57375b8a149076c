/** Rows of the report as charts of the shared renderer. */
import type { ChartMessage } from "@shared";
import { words } from "../wording";
import type { Row } from "./queries";

const figure = (value: unknown): string | null => (value === null || value === undefined ? null : String(Math.round(Number(value) * 100) / 100));

/** One line for each of `names` (column → title) over the buckets. */
export function line(id: string, title: string, unit: string, rows: Row[], names: Record<string, string>): ChartMessage {
  const series = Object.entries(names).map(([column, name]) => ({ name, values: rows.map((row) => figure(row[column])) }));
  const last = rows[rows.length - 1];
  const summary = last
    ? `${String(last.bucket)}：${Object.entries(names)
        .map(([column, name]) => `${name} ${figure(last[column]) ?? "—"}`)
        .join("，")}`
    : words.numbers.empty;
  return { id, privacy: "public", type: "chart", kind: "line", title, unit, summary, data: { x: rows.map((row) => String(row.bucket)), series } };
}
