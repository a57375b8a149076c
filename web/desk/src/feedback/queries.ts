/** The inbox of what went wrong. */
import { get, query } from "../net/api";

export type FeedbackState = "open" | "suggested" | "approved" | "dismissed";
export interface Example {
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
  account: string;
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
  id: number;
  state: FeedbackState;
  kind: string;
  kind_title: string;
  count: number;
  text: string;
  examples: Example[];
  intents: string[];
  first: string;
  last: string;
  suggestion: Suggestion | null;
  why: string;
  job: Job | null;
}
export interface Choices {
  intents: { id: string; title: string }[];
  kinds: { id: string; title: string }[];
  entries: { collection: string; id: string; title: string }[];
}
export interface Patch {
  /** null until the check has passed. */
  patch: string | null;
  job: Job;
  before: unknown;
  after: unknown;
  files: string[];
  branch_file: string | null;
}

export const groupsQuery = (state: FeedbackState, kind: string | undefined) => ({
  queryKey: ["feedback", state, kind],
  queryFn: () => get<{ groups: Group[] }>(`/feedback${query({ state, kind })}`),
});
export const choicesQuery = {
  queryKey: ["choices"],
  queryFn: () => get<Choices>("/feedback/choices"),
  staleTime: 60 * 60_000,
};
