/** Messages as they come from a channel: channels/schema/messages.v1.json, version 1, in types. */

export type Privacy = "public" | "personal" | "secret";
export type Origin = "customer" | "assistant" | "manager" | "push";
export type Tone = "up" | "down" | "flat" | "warn";
export type Rating = "up" | "down";
export type LinkKind = "bank" | "purchase" | "article";
export type Risk = "R1" | "R2" | "R3" | "R4" | "R5";
/** A decimal number as text; never parsed for showing money, only for the length of a bar or the height of a line. */
export type Figure = string;

interface Envelope {
  id: string;
  privacy: Privacy;
  seq?: number;
  at?: string;
  origin?: Origin;
  reply_to?: string;
  rating?: Rating;
}

export interface Option {
  title: string;
  text: string;
}
/** A button: says `text` for the customer, or opens `url`. */
export interface Action {
  title: string;
  text?: string;
  url?: string;
}

export interface TextMessage extends Envelope {
  type: "text";
  text: string;
}
export interface CardRow {
  label: string;
  value: string;
  tone?: Tone;
  note?: string;
  private?: boolean;
}
export interface CardMessage extends Envelope {
  type: "card";
  title: string;
  subtitle?: string;
  rows: CardRow[];
  actions?: Action[];
}
export interface ListItem {
  title: string;
  text?: string;
  value?: string;
  tone?: Tone;
  private?: boolean;
  action?: Action;
}
export interface ListMessage extends Envelope {
  type: "list";
  title: string;
  items: ListItem[];
}
export interface Column {
  key: string;
  title: string;
  align?: "left" | "right" | "center";
  private?: boolean;
}
export interface TableMessage extends Envelope {
  type: "table";
  title: string;
  columns: Column[];
  rows: Record<string, string>[];
}
export interface ProductMessage extends Envelope {
  type: "product";
  code: string;
  name: string;
  risk: Risk;
  asset_class: string;
  term?: string;
  minimum?: string;
  facts: { label: string; value: string }[];
  reasons: string[];
  cautions: string[];
  benchmark?: { text: string; basis: string };
  link?: string;
}
export interface RingData {
  center?: { label: string; value: Figure };
  parts: { name: string; value: Figure; share: Figure }[];
}
export interface LineData {
  x: string[];
  series: { name: string; values: (Figure | null)[] }[];
}
export interface CalendarData {
  days: { date: string; value: Figure | null }[];
}
export interface BarsData {
  items: { name: string; value: Figure }[];
}
export interface GaugeData {
  value: Figure;
  max: Figure;
  label: string;
  parts?: { name: string; value: Figure; max: Figure }[];
}
interface ChartBase extends Envelope {
  type: "chart";
  title: string;
  unit?: string;
  summary: string;
  private?: boolean;
}
export type ChartMessage = ChartBase &
  (
    | { kind: "ring"; data: RingData }
    | { kind: "line"; data: LineData }
    | { kind: "calendar"; data: CalendarData }
    | { kind: "bars"; data: BarsData }
    | { kind: "gauge"; data: GaugeData }
  );
export interface QuickRepliesMessage extends Envelope {
  type: "quick_replies";
  options: Option[];
}
export interface FormStepMessage extends Envelope {
  type: "form_step";
  form: string;
  step: number;
  of: number;
  question: string;
  options: Option[];
  note?: string;
}
export interface DisclosureMessage extends Envelope {
  type: "disclosure";
  disclosure?: string;
  text: string;
}
export interface SourceMessage extends Envelope {
  type: "source";
  text: string;
  items: { id: string; title: string; as_of: string }[];
}
export interface LinkMessage extends Envelope {
  type: "link";
  title: string;
  url: string;
  kind: LinkKind;
}
export interface QrMessage extends Envelope {
  type: "qr";
  title: string;
  url: string;
  expires_at: string;
}

export type Message =
  | TextMessage
  | CardMessage
  | ListMessage
  | TableMessage
  | ProductMessage
  | ChartMessage
  | QuickRepliesMessage
  | FormStepMessage
  | DisclosureMessage
  | SourceMessage
  | LinkMessage
  | QrMessage;
