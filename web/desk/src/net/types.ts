/** What the desk's server answers (its contract is the server's OpenAPI, /desk/api/openapi.json). Money is decimal text. */
import type { Message } from "@shared";

export type Role = "manager" | "branch_head" | "head_office";
export type Scope = "own" | "branch" | "all";

export interface Me {
  account: string;
  name: string;
  role: Role;
  branch: string | null;
  staff_id: string | null;
  csrf: string;
  permissions: string[];
  /** How far each permission reaches. */
  scopes: Record<string, Scope>;
}
export interface DemoAccounts {
  accounts: { account: string; name: string; role: Role }[];
  password: string;
}
export interface Presence {
  available: boolean;
  capacity: number;
}

export type LeadState = "open" | "contacted" | "won" | "lost" | "expired";
export interface Lead {
  id: string;
  kind: string;
  title: string;
  customer: string;
  customer_name: string;
  product?: string | null;
  branch: string;
  manager: string | null;
  priority: number;
  reason: string;
  evidence: string[];
  talk: string[];
  state: LeadState;
  value: string;
  stage?: string | null;
  created_at: string;
  expires_at: string;
  expires_in_hours: number;
  results?: LeadResult[];
}
export interface LeadResult {
  result_id: string;
  lead?: string;
  manager: string;
  outcome: string;
  title?: string;
  note: string;
  next_contact?: string | null;
  amount?: string | null;
  allocation?: Record<string, string>;
  at: string;
}
export interface Outcome {
  id: string;
  title: string;
}

export interface CustomerLine {
  id: string;
  /** Masked: a glance over a shoulder must not tell who it is. */
  name: string;
  branch: string;
  manager: string | null;
  stage: string | null;
  level: string | null;
  aum: string;
  tags: HeldTag[];
}
export interface HeldTag {
  tag: string;
  title: string;
  value: string;
  since: string;
  why: string;
  until?: string | null;
}
export interface Person {
  id: string;
  name: string;
  branch: string;
  manager: string | null;
  level: string | null;
  age: number | null;
  since: string;
  stage: { id: string; name: string; meaning: string };
  risk: { rating: string | null; state: "valid" | "expired" | "missing"; last_rating: string | null; valid_until: string | null };
  consents: { personalised: boolean; push: boolean; manager: boolean };
}
export interface Checkup {
  score: number;
  label: string;
  confidence: string;
  confidence_label: string;
  /** known: how many of the points could be judged at all. */
  parts: { id: string; name: string; points: string; known: string; most: string }[];
  upgrades: { key: string; title: string; why: string; gain: number | string }[];
}
export interface Drift {
  class: string;
  title: string;
  weight: string;
  target: string;
  low: string;
  high: string;
}
export interface Overview {
  total: string;
  as_of: string;
  classes: { class: string; title: string; value: string; share: string }[];
  holdings: { code: string; name: string; risk: string; value: string; gain: string; share: string }[];
}
export interface Matter {
  kind: string;
  title: string;
  on: string | null;
}
export interface SentMessage {
  push_id: string;
  rule: string;
  state: string;
  reason: string | null;
  sentences: string[];
  created_at: string;
  delivered_at?: string | null;
  seen_at?: string | null;
  answered_at?: string | null;
  acted_at?: string | null;
}
export interface Booking {
  id: string;
  customer: string;
  /** Masked. */
  customer_name: string;
  at: string;
  topic: string;
  note?: string | null;
  /** The account of who made it; none for one that the assistant made. */
  by?: string | null;
}
export interface Picture {
  customer: Person;
  tags: HeldTag[];
  checkup: Checkup;
  drift: Drift[];
  overview: Overview;
  open_matters: Matter[];
  messages: SentMessage[];
  leads: Lead[];
  results: LeadResult[];
  bookings: Booking[];
}

export type HandoffState = "requested" | "queued" | "active" | "booked" | "ended";
export interface Handoff {
  id: string;
  state: HandoffState;
  reason: string;
  priority: number;
  note?: string | null;
  need?: string | null;
  slot?: string | null;
  customer: string;
  /** Masked. */
  customer_name: string;
  branch: string | null;
  /** The name of who has it. */
  manager: string | null;
  /** The customer's own manager, by staff id. */
  own_manager?: string | null;
  /** The account of who has it. */
  staff?: string | null;
  requested_at: string;
  waiting_seconds: number;
  position?: number | null;
  /** The account it is offered to first. */
  offered_to?: string | null;
  unread: number;
}
export interface HandoffList {
  handoffs: Handoff[];
  desk: { open: boolean; free: number; waiting: number; next_slot: string | null };
}
export interface ThreadPage {
  messages: Message[];
  last_seq: number;
}
export interface Suggestion {
  id: string;
  text: string;
  skill: string | null;
  sources: (string | { title?: string; text?: string })[];
  confidence: number | null;
}
export interface Summary {
  need: string;
  figures_shown: { label: string; value: string; as_of: string }[];
  said: { text: string; at: string }[];
  /** What the customer said that nobody has answered yet. */
  open: { text: string; at: string }[];
}
