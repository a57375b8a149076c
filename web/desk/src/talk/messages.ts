/** The messages of one hand-off as they are held here: fetched once, then only what is new. */
import type { Message } from "@shared";
import type { QueryClient } from "@tanstack/react-query";
import { get } from "../net/api";
import type { ThreadPage } from "../net/types";

export const threadKey = (handoff: string): [string, string] => ["thread", handoff];
const address = (handoff: string, after: number) => `/handoffs/${encodeURIComponent(handoff)}/messages?after=${after}`;

/** Everything after `from`, page by page. */
async function read(handoff: string, from: ThreadPage): Promise<ThreadPage> {
  let page = from;
  for (;;) {
    const more = await get<ThreadPage>(address(handoff, page.last_seq));
    const known = new Set(page.messages.map((message) => message.id));
    const messages = [...page.messages, ...more.messages.filter((message) => !known.has(message.id))];
    const last = Math.max(page.last_seq, more.last_seq, ...more.messages.map((message) => message.seq ?? 0));
    if (more.messages.length === 0 || last === page.last_seq) return { messages, last_seq: last };
    page = { messages, last_seq: last };
  }
}

export const readThread = (client: QueryClient, handoff: string): Promise<ThreadPage> =>
  read(handoff, client.getQueryData<ThreadPage>(threadKey(handoff)) ?? { messages: [], last_seq: 0 });

/** Fetch what is new in a thread that is open here; while nobody looks at the page it waits, and counts as unread. */
export async function catchUp(client: QueryClient, handoff: string): Promise<void> {
  if (!client.getQueryState(threadKey(handoff))) return;
  const refetchType = document.visibilityState === "visible" ? "active" : "none";
  await client.invalidateQueries({ queryKey: threadKey(handoff), refetchType });
}

/** Messages that belong to one answer stand together. */
export interface Turn {
  key: string;
  origin: NonNullable<Message["origin"]>;
  messages: Message[];
}

export function toTurns(messages: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    const origin = message.origin ?? "assistant";
    const key = origin === "assistant" ? `assistant/${message.reply_to ?? message.id.replace(/\.\d+$/, "")}` : message.id;
    const last = turns[turns.length - 1];
    if (last?.key === key) last.messages.push(message);
    else turns.push({ key, origin, messages: [message] });
  }
  return turns;
}
