/** Calls to the app channel (docs/openapi.yaml): token, problem+json, renewal of a token that has run out. */
import type { Message } from "@shared";
import { words } from "../wording";
import type { Session } from "./session";

/** What the server said is wrong; `detail` is for the customer. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly retryAfter?: number,
  ) {
    super(`${status} ${code}`);
  }
  /** Worth the same request again, a little later. */
  get passing(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}
/** No answer came: the line, not the server. */
export class Unreachable extends Error {}
/** No good token any more, and none to be had. */
export class SignedOut extends Error {}

export interface Handoff {
  id?: string;
  state: "none" | "requested" | "queued" | "active" | "booked" | "ended";
  manager?: string;
  position?: number;
}
export interface Answer {
  message_id: string;
  status: "answered" | "pending" | "with_manager";
  messages: Message[];
}
export interface History {
  messages: Message[];
  has_more: boolean;
  cursor: string;
  seq: number;
  read_seq: number;
  handoff: Handoff;
}
export interface Consent {
  purpose: string;
  granted: boolean;
  title: string;
  text: string;
  required: boolean;
}
export interface Preferences {
  personalised: boolean;
  quiet_hours: { start: string; end: string };
  push_types: Record<string, boolean>;
  push_labels: Record<string, string>;
  consents: Consent[];
}
export interface DemoCustomer {
  id: string;
  name: string;
  title: string;
  text?: string;
  topics?: { title: string; text: string }[];
}

/** Longer than the server waits before it answers 202. */
const TIMEOUT_MS = 40_000;

async function fetchJson<T>(path: string, init: RequestInit): Promise<T> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(path, { ...init, signal: stop.signal, cache: "no-store" });
    const body: unknown = await response.json().catch(() => null);
    if (response.ok && body !== null) return body as T;
    const problem = (body ?? {}) as { code?: string; detail?: string; retry_after?: number };
    throw new Problem(
      response.ok ? 502 : response.status,
      problem.code ?? "unknown",
      problem.detail ?? (response.status >= 500 ? words.problems.server : words.problems.unknown),
      problem.retry_after,
    );
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Unreachable(words.problems.offline);
  } finally {
    clearTimeout(timer);
  }
}

/** What to tell the customer about a failed call. */
export function explain(error: unknown): string {
  return error instanceof Problem ? error.detail : error instanceof Unreachable ? error.message : words.problems.unknown;
}

export class Api {
  constructor(readonly session: Session) {}

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const token = this.session.token();
    try {
      return await this.once<T>(method, path, token, body);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      return this.once<T>(method, path, await this.renew(token), body).catch((again: unknown) => {
        throw again instanceof Problem && again.status === 401 ? new SignedOut() : again;
      });
    }
  }

  async renew(stale: string): Promise<string> {
    try {
      return await this.session.renew(stale);
    } catch (error) {
      throw error instanceof Unreachable || (error instanceof Problem && error.passing) ? error : new SignedOut();
    }
  }

  private once<T>(method: string, path: string, token: string, body?: unknown): Promise<T> {
    return fetchJson<T>(`/webhooks/app${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }
}

/** Demo customers, or null where this is no demo. */
export async function demoCustomers(): Promise<DemoCustomer[] | null> {
  try {
    return (await fetchJson<{ customers: DemoCustomer[] }>("/demo/customers", {})).customers;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

export async function demoToken(customer: string): Promise<string> {
  const body = JSON.stringify({ customer });
  const headers = { "Content-Type": "application/json" };
  return (await fetchJson<{ token: string }>("/demo/token", { method: "POST", headers, body })).token;
}
