/** What the customer said and the server has not confirmed; survives a reload and a dead battery. */
import { maskText } from "@shared";

export interface Sent {
  /** The message_id: the same at every try, so that nothing is said twice. */
  id: string;
  text: string;
  payload: { source: string; reply_to?: string };
  at: string;
  state: "sending" | "waiting" | "failed" | "rejected";
  attempts: number;
  /** Why it was rejected, in the server's words. */
  problem?: string;
}

const LIMIT = 200;
const key = (customer: string) => `peiban.outbox.${customer}`;

export function load(customer: string): Sent[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key(customer)) ?? "[]");
    if (!Array.isArray(kept)) return [];
    return kept
      .filter((one): one is Sent => typeof one?.id === "string" && typeof one?.text === "string")
      .map((one) => (one.state === "rejected" ? one : { ...one, state: "waiting", attempts: 0 }));
  } catch {
    return [];
  }
}

export function keep(customer: string, outbox: readonly Sent[]): void {
  try {
    if (outbox.length === 0) localStorage.removeItem(key(customer));
    else localStorage.setItem(key(customer), JSON.stringify(outbox.slice(-LIMIT)));
  } catch {
    // Private windows keep nothing; the message is still in memory.
  }
}

export const shownText = (text: string, masked: boolean): string => (masked ? maskText(text) : text);

export function messageId(): string {
  // randomUUID needs a secure context; a phone on the branch's test network may have none.
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
