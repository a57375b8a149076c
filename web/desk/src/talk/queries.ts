/** The queue as every view reads it, and who a hand-off is for. */
import type { UseQueryOptions } from "@tanstack/react-query";
import { get } from "../net/api";
import type { Handoff, HandoffList, Me } from "../net/types";

/** News come by the stream; without it the queue is asked for. */
export const handoffsQuery = (lineUp: boolean) =>
  ({
    queryKey: ["handoffs"],
    queryFn: () => get<HandoffList>("/handoffs"),
    refetchInterval: lineUp ? 30_000 : 5_000,
  }) satisfies UseQueryOptions<HandoffList>;

/** Waits for somebody at this desk. One that is offered to a colleague first is the colleague's for now. */
export const isWaiting = (one: Handoff, me: Me): boolean =>
  (one.state === "requested" || one.state === "queued") && (!one.offered_to || one.offered_to === me.account);

/** Whether it is offered to me before anybody else. */
export const isOffered = (one: Handoff, me: Me): boolean => isWaiting(one, me) && one.offered_to === me.account;

/** Whether I am the one who talks with this customer. */
export const isMine = (one: Handoff, me: Me): boolean => one.state === "active" && one.staff === me.account;
