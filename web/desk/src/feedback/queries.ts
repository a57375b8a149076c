/** The inbox of what went wrong. */
import { get, query } from "../net/api";
import { words } from "../wording";

export type FeedbackState = "open" | "suggested" | "approved" | "dismissed";
/** One turn of a group. */
export interface Turn {
  /** Personal data is masked before it is stored. */
  text: string;
  kind: string;
  intent: string;
  confidence: number;
  answer: string;
  /** What the customer said next instead. */
  meant: string;
  meant_intent: string;
  reason: string;
  at: string;
  account: string;
}
export interface Suggestion {
  id: number;
  by: string;
  by_name: string;
  at: string;
  texts: string[];
  intent: string;
  answer: string;
  title: string;
  collection: string;
  entry: string;
}
export interface Job {
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  title: string;
  progress: number | null;
  reason: string;
}
export interface Group {
  id: string;
  state: FeedbackState;
  kind: keyof typeof words.feedback.kinds;
  count: number;
  text: string;
  turns: Turn[];
  intents: string[];
  first: string;
  last: string;
  suggestion: Suggestion | null;
  why: string;
  job: Job | null;
}
export interface Titled {
  id: string;
  title: string;
}
export interface Patch {
  patch: string;
  job: Job;
  /** Shares of right answers, by name. */
  before: Record<string, number>;
  after: Record<string, number>;
  files: string[];
  branch_file: string;
}

export const groupsQuery = (state: FeedbackState, kind: string | undefined) => ({
  queryKey: ["feedback", state, kind],
  queryFn: () => get<{ groups: Group[] }>(`/feedback${query({ state, kind })}`),
});
const HOUR_MS = 60 * 60_000;
export const intentsQuery = {
  queryKey: ["intents"],
  queryFn: () => get<{ intents: Titled[] }>("/feedback/intents"),
  staleTime: HOUR_MS,
};
export const entriesQuery = {
  queryKey: ["entries"],
  queryFn: () => get<{ entries: (Titled & { collection: string })[] }>("/feedback/entries"),
  staleTime: HOUR_MS,
};
