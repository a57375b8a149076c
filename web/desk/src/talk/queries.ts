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
  (one.state === "requested" || one.state === "queued") && (!one.offered_to || isMe(one.offered_to, me));

export const isMe = (staff: string | null | undefined, me: Me): boolean =>
  Boolean(staff) && (staff === me.staff_id || staff === me.account || staff === me.name);

/** Whether I am the one who talks with this customer. */
export const isMine = (one: Handoff, me: Me): boolean =>
  one.state === "active" && (isMe(one.taken_by, me) || isMe(one.offered_to, me) || isMe(one.manager, me));
