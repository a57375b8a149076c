/** The thread as it is drawn: what belongs to one answer stands together, with the time where it matters. */
import type { Message, Origin } from "@shared";
import { words } from "../wording";
import type { Sent } from "./outbox";

export interface Turn {
  /** Stays the same while the turn grows, at either end. */
  key: string;
  origin: Origin;
  messages: Message[];
  /** Still on its way; `messages` is empty then. */
  sent?: Sent;
  /** Shown above it. */
  time?: string;
  unreadAbove: boolean;
}

const PAUSE_MS = 5 * 60_000;
const zone = "Asia/Shanghai";
const clock = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, month: "long", day: "numeric" });
const year = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, year: "numeric", month: "long", day: "numeric" });

/** "10:15" today, "昨天 10:15", "3月2日 10:15", with the year when it is another. In the bank's zone. */
export function when(at: string, now = new Date()): string {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return "";
  const date = year.format(moment);
  if (date === year.format(now)) return clock.format(moment);
  if (date === year.format(new Date(now.getTime() - 86_400_000))) return `${words.time.yesterday} ${clock.format(moment)}`;
  const sameYear = date.slice(0, 4) === year.format(now).slice(0, 4);
  return `${sameYear ? day.format(moment) : date} ${clock.format(moment)}`;
}

function keyOf(message: Message): string {
  if (message.origin === "customer") return message.id;
  return `${message.origin ?? "assistant"}/${message.reply_to ?? message.id.replace(/\.\d+$/, "")}`;
}

export function toTurns(messages: readonly Message[], outbox: readonly Sent[], unreadFrom: number | null): Turn[] {
  const turns: Turn[] = [];
  let before: string | undefined;
  let marked = unreadFrom === null;
  const timeFor = (at: string | undefined): string | undefined => {
    if (!at) return undefined;
    const gap = before === undefined || Date.parse(at) - Date.parse(before) > PAUSE_MS;
    before = at;
    return gap ? when(at) : undefined;
  };
  for (const message of messages) {
    const key = keyOf(message);
    const last = turns[turns.length - 1];
    if (last?.key === key) {
      last.messages.push(message);
      before = message.at ?? before;
      continue;
    }
    const unreadAbove = !marked && (message.seq ?? 0) > (unreadFrom ?? 0) && message.origin !== "customer";
    marked ||= unreadAbove;
    turns.push({ key, origin: message.origin ?? "assistant", messages: [message], time: timeFor(message.at), unreadAbove });
  }
  for (const sent of outbox) {
    turns.push({ key: sent.id, origin: "customer", messages: [], sent, time: timeFor(sent.at), unreadAbove: false });
  }
  return turns;
}

/** An answer in plain words: for copying and for reading aloud when it arrives. */
export function asWords(messages: readonly Message[]): string {
  return messages
    .flatMap((message): string[] => {
      switch (message.type) {
        case "text":
        case "disclosure":
        case "source":
          return [message.text];
        case "card":
          return [message.title, ...message.rows.map((row) => `${row.label}：${row.value}`)];
        case "list":
          return [
            message.title,
            ...message.items.map((item) => [item.title, item.value, item.text].filter(Boolean).join("，")),
          ];
        case "table":
          return [
            message.title,
            ...message.rows.map((row) => message.columns.map((column) => `${column.title} ${row[column.key] ?? ""}`).join("，")),
          ];
        case "product":
          return [
            `${message.name}（${message.code}，${message.risk}）`,
            ...message.facts.map((fact) => `${fact.label}：${fact.value}`),
            ...message.reasons,
            ...message.cautions,
            ...(message.benchmark ? [`${message.benchmark.text}，${message.benchmark.basis}`] : []),
          ];
        case "chart":
          return [`${message.title}：${message.summary}`];
        case "form_step":
          return [message.question, ...message.options.map((option) => option.title)];
        case "link":
        case "qr":
          return [message.title];
        default:
          return [];
      }
    })
    .join("\n");
}
