/** Who is signed in: a token, and where the next one comes from when it has run out. */
import type { Option } from "@shared";

export interface Session {
  /** The `sub` of the token: only to keep one customer's outbox apart from another's on the same device. */
  customer: string;
  topics: readonly Option[];
  token(): string;
  /** A token other than `stale`. Many callers at once share one renewal. Rejects when there is none to be had. */
  renew(stale: string): Promise<string>;
}

function subject(token: string): string {
  try {
    const payload = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const claims: unknown = JSON.parse(atob(payload));
    return String((claims as { sub?: unknown }).sub ?? "customer");
  } catch {
    return "customer";
  }
}

export function createSession(first: string, source: () => Promise<string>, topics: readonly Option[]): Session {
  let token = first;
  let renewal: Promise<string> | undefined;
  return {
    customer: subject(first),
    topics,
    token: () => token,
    renew(stale) {
      if (stale !== token) return Promise.resolve(token);
      renewal ??= source()
        .then((fresh) => {
          // Another customer's token would put this conversation under another name.
          if (subject(fresh) !== subject(first)) throw new Error("token of another customer");
          token = fresh;
          return fresh;
        })
        .finally(() => {
          renewal = undefined;
        });
      return renewal;
    },
  };
}
