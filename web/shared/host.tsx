/** What a page gives to the renderer: how to act on buttons, whether amounts are hidden, and how it looks now. */
import { createContext, useContext } from "react";
import type { LinkKind, Message, Option, ProductMessage } from "./messages";

export type SaySource = "quick_reply" | "action" | "form";

export interface Host {
  /** Amounts are replaced by asterisks, in words and in charts. */
  masked: boolean;
  /** Any text that changes with colours or type size; charts are drawn anew then. */
  appearance: string;
  /** Say something for the customer. Without it no button that speaks is shown. */
  say?: (option: Option, from: Message, source: SaySource) => void;
  /** Open an address. Without it no link is shown. */
  open?: (url: string, kind: LinkKind, from: Message) => void;
  /** Go to the bank's purchase page of a product. Without it the product card has no button. */
  purchase?: (product: ProductMessage) => void;
}

const HostContext = createContext<Host>({ masked: false, appearance: "" });
export const HostProvider = HostContext.Provider;
export const useHost = (): Host => useContext(HostContext);
