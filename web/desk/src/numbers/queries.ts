/** The numbers page and the replayed day. Money is decimal text; means and counts are numbers. */
import { get, query } from "../net/api";

export type Cell = string | number | null;
export type Row = Record<string, Cell>;
export interface Report {
  from: string;
  to: string;
  by: "week" | "day";
  scope: string;
  series: Row[];
  totals: Record<string, Cell>;
  funnel: { outreach: Row[]; leads: Row[] };
  mau: Row[];
  channels: Row[];
  skills: Row[];
  silent: Row[];
  outcomes: Row[];
  branches: Row[];
  reached_vs_control: Row[];
}
export interface Wanted {
  from: string;
  to: string;
  by: "week" | "day";
  channel: string;
}
export interface DayReport {
  taken: Record<string, number>;
  handled: Record<string, number>;
  moments: Record<string, number>;
  dropped: Record<string, number>;
  messages: Record<string, number>;
  effects: Record<string, number>;
  leads: Record<string, number>;
  results: number;
  adds_up: Record<string, boolean>;
}

export const address = (wanted: Wanted, end = ""): string => `/numbers${end}${query({ ...wanted })}`;
export const numbersQuery = (wanted: Wanted) => ({ queryKey: ["numbers", wanted], queryFn: () => get<Report>(address(wanted)) });
export const dayQuery = { queryKey: ["day"], queryFn: () => get<DayReport>("/day"), retry: false };
