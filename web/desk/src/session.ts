/** Who is signed in, for every view. */
import { createContext, useContext } from "react";
import type { Me, Scope } from "./net/types";

export const MeContext = createContext<Me | null>(null);

/** The signed-in account. Only below the sign-in. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("used outside of the signed-in page");
  return me;
}

/** A permission of data/desk/roles.yml. */
export type Permission =
  | "customers"
  | "conversations"
  | "leads"
  | "handoffs"
  | "bookings"
  | "groups"
  | "numbers"
  | "day"
  | "feedback_report"
  | "feedback"
  | "feedback_suggest"
  | "feedback_approve";

export const may = (me: Me, permission: Permission): boolean => me.permissions.includes(permission);

const SCOPES: Scope[] = ["own", "branch", "all"];

/** The scopes a person may choose from: nobody without customers of their own starts at "own". */
export function scopesOf(me: Me, permission: Permission): Scope[] {
  const widest = me.scopes[permission];
  if (!widest) return [];
  return SCOPES.slice(me.staff_id ? 0 : SCOPES.indexOf(widest), SCOPES.indexOf(widest) + 1);
}
