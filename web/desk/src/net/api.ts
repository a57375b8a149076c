/** Calls to the desk's server: session cookie, CSRF header on what changes something, problem+json. */
import { words } from "../wording";

/** What the server said is wrong; `detail` is for the manager. */
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

type Method = "GET" | "POST" | "PUT" | "DELETE";

const TIMEOUT_MS = 30_000;
let csrf = "";
let signedOut: () => void = () => {};

/** The value that GET /me gave; it goes along with every change. */
export function setCsrf(value: string): void {
  csrf = value;
}

/** Called when the session has ended while the page was open. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

async function once<T>(method: Method, path: string, body: unknown): Promise<T> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(`/desk/api${path}`, {
      method,
      headers: {
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(method === "GET" ? {} : { "X-CSRF-Token": csrf }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: stop.signal,
      cache: "no-store",
      credentials: "same-origin",
    });
    if (response.status === 204) return undefined as T;
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok && answer !== null) return answer as T;
    const problem = (answer ?? {}) as { code?: string; detail?: unknown; retry_after?: number };
    throw new Problem(
      response.ok ? 502 : response.status,
      problem.code ?? "unknown",
      typeof problem.detail === "string" ? problem.detail : response.status >= 500 ? words.problems.server : words.problems.unknown,
      problem.retry_after,
    );
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Unreachable(words.problems.offline);
  } finally {
    clearTimeout(timer);
  }
}

/** One call below /desk/api. Raises Problem or Unreachable; a session that has ended is told to `onSignedOut` too. */
export async function call<T>(method: Method, path: string, body?: unknown): Promise<T> {
  try {
    return await once<T>(method, path, body);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code === "bad_csrf" && method !== "GET") {
      // Signed in anew in another tab: the session is good, only this tab's value is old.
      csrf = (await once<{ csrf: string }>("GET", "/me", undefined)).csrf;
      return once<T>(method, path, body);
    }
    if (error.status === 401 && path !== "/session" && path !== "/me") signedOut();
    throw error;
  }
}

export const get = <T>(path: string): Promise<T> => call<T>("GET", path);

/** "?a=1&b=2" of what is set. */
export function query(parts: Record<string, string | number | undefined | null>): string {
  const set = Object.entries(parts).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return set.length ? `?${new URLSearchParams(set.map(([name, value]) => [name, String(value)]))}` : "";
}

/** What to tell the manager about a failed call. */
export function explain(error: unknown): string {
  return error instanceof Problem ? error.detail : error instanceof Unreachable ? error.message : words.problems.unknown;
}
