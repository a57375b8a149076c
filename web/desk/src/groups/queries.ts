/** The vocabulary of tags and the approved wordings. */
import { get } from "../net/api";

export interface TagWords {
  tag: string;
  title: string;
  values: { value: string; title: string }[];
}
export interface Template {
  id: string;
  title: string;
  text: string;
  /** What the manager fills in. */
  values?: { name: string; title: string }[];
}
export interface Preview {
  count: number;
  excluded: Record<string, number>;
  samples: { customer: string; customer_name?: string; text: string }[];
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
