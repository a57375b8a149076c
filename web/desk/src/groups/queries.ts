/** The vocabulary of tags, the approved wordings, and what was sent lately. */
import { get } from "../net/api";

export interface TagWords {
  tag: string;
  name: string;
  values: { value: string; title: string }[];
}
export interface Blank {
  name: string;
  title: string;
  type: "day" | "choice";
  options: string[];
}
export interface Template {
  id: string;
  title: string;
  text: string[];
  /** What the manager fills in. */
  values: Blank[];
}
/** Who is left out: how many by reason, and what each reason is called. */
export interface Excluded {
  excluded: Record<string, number>;
  reasons: Record<string, string>;
}
export interface Preview extends Excluded {
  selected: number;
  count: number;
  samples: { customer: string; customer_name: string; text: string }[];
}
export interface Sent extends Excluded {
  send_id: string;
  account: string;
  title: string;
  at: string;
  queued: number;
  states: Record<string, number>;
}

export const vocabularyQuery = {
  queryKey: ["vocabulary"],
  queryFn: () => get<{ tags: TagWords[] }>("/groups/tags"),
  staleTime: 60 * 60_000,
};
export const templatesQuery = {
  queryKey: ["templates"],
  queryFn: () => get<{ templates: Template[] }>("/groups/templates"),
  staleTime: 60 * 60_000,
};
export const sendsQuery = { queryKey: ["sends"], queryFn: () => get<{ sends: Sent[] }>("/groups/sends") };
