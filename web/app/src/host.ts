/**
 * The app around the page: an iframe of the bank's web page (public/embed.js), or a native WebView. It gives tokens and
 * colours and is told of links. Without one the page stands alone (demo). docs/embedding.md describes it.
 */
import { type LinkKind, type Option } from "@shared";
import { applyTheme } from "./appearance";

export interface OpenOptions {
  token: string;
  /** Gives a fresh token when the first has run out. */
  getToken?: () => Promise<string> | string;
  /** --pb-* variables. */
  theme?: Record<string, string>;
  /** Quick topics at the start. */
  topics?: Option[];
}
type Opened = (options: OpenOptions) => void;

const TOKEN_WAIT_MS = 20_000;
const parentOrigin = new URLSearchParams(location.search).get("embed");
const embedded = parentOrigin !== null && window.parent !== window;

interface Native {
  postMessage(message: unknown): void;
}
declare global {
  interface Window {
    PeiBan?: { open: Opened };
    /** Android: addJavascriptInterface(…, "PeiBanNative"). */
    PeiBanNative?: { postMessage(json: string): void };
    webkit?: { messageHandlers?: { peiban?: Native } };
  }
}

export const hasHost = (): boolean =>
  embedded || window.PeiBanNative !== undefined || window.webkit?.messageHandlers?.peiban !== undefined;

/** Tell the host something; false when there is none. */
export function tell(event: string, detail: Record<string, unknown> = {}): boolean {
  const message = { type: `peiban:${event}`, ...detail };
  if (embedded && parentOrigin) window.parent.postMessage(message, parentOrigin);
  else if (window.PeiBanNative) window.PeiBanNative.postMessage(JSON.stringify(message));
  else if (window.webkit?.messageHandlers?.peiban) window.webkit.messageHandlers.peiban.postMessage(message);
  else return false;
  return true;
}

let tokenArrived: ((token: string) => void) | undefined;

/** Ask the host for a fresh token. Rejects after 20 seconds. */
export function askForToken(): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no token from the host")), TOKEN_WAIT_MS);
    tokenArrived = (token) => {
      clearTimeout(timer);
      resolve(token);
    };
    if (!tell("token-needed")) reject(new Error("no host"));
  });
}

/** Call `opened` when the host signs the customer in. */
export function waitForHost(opened: Opened): void {
  const open: Opened = (options) => {
    if (!options || typeof options.token !== "string" || !options.token) {
      throw new TypeError("PeiBan.open needs { token }");
    }
    applyTheme(options.theme);
    if (tokenArrived) {
      tokenArrived(options.token);
      tokenArrived = undefined;
    } else opened(options);
  };
  window.PeiBan = { open };
  addEventListener("message", (event) => {
    if (!embedded || event.source !== window.parent || event.origin !== parentOrigin) return;
    const data = event.data as { type?: string; theme?: unknown } & Partial<OpenOptions>;
    if (data?.type === "peiban:open" && typeof data.token === "string") open({ ...data, token: data.token, getToken: undefined });
    if (data?.type === "peiban:theme") applyTheme(data.theme);
  });
  tell("ready");
}

function webAddress(url: string): string | undefined {
  const address = new URL(url, location.href);
  return address.protocol === "https:" || address.protocol === "http:" ? address.href : undefined;
}

/** Open an address: the host decides where, else a new tab. */
export function openAddress(url: string, kind: LinkKind): void {
  const address = webAddress(url);
  if (address && !tell("link", { url: address, kind })) window.open(address, "_blank", "noopener");
}

/**
 * For an address that must be fetched first: call at once on the tap, then give the address, or null when there is none.
 * Browsers let only the tap itself open a tab, so it is opened empty and sent on its way later.
 */
export function openLater(kind: LinkKind): (url: string | null) => void {
  const tab = hasHost() ? null : window.open("", "_blank");
  if (tab) tab.opener = null;
  return (url) => {
    const address = url === null ? undefined : webAddress(url);
    if (!address) tab?.close();
    else if (tab) tab.location.replace(address);
    else openAddress(address, kind);
  };
}
