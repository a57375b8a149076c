/** The inbox of what went wrong. */
import { get, query } from "../net/api";

export type FeedbackState = "open" | "suggested" | "approved" | "dismissed";
export interface Group {
  id: string;
  kind: string;
  count: number;
  /** Personal data is masked before it is stored. */
  text: string;
  examples: string[];
  intents: { intent: string; title?: string; count?: number }[] | string[];
  first: string;
  last: string;
  state?: FeedbackState;
  suggestion?: { by: string; by_name?: string; intent?: string | null; answer?: string | null; text: string; at?: string } | null;
  job?: Job | null;
}
export interface Job {
  state: string;
  progress?: number | null;
  reason?: string | null;
}
export interface Patch {
  patch: string;
  before: unknown;
  after: unknown;
  branch_file: string;
  state?: string;
}

export const groupsQuery = (state: FeedbackState, kind: string | undefined) => ({
  queryKey: ["feedback", state, kind],
  queryFn: () => get<{ groups: Group[] }>(`/feedback${query({ state, kind })}`),
});
export const intentsQuery = {
  queryKey: ["intents"],
  queryFn: () => get<{ intents: { id: string; title: string }[] }>("/feedback/intents"),
  staleTime: 60 * 60_000,
};
