/** The stream's news brought to what is on the screen; whether the line is up; what to show in the tab's title. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { catchUp } from "../talk/messages";
import { follow } from "../net/stream";
import { words } from "../wording";

export const LineContext = createContext(true);

/** Whether news come by themselves now; where not, views ask again every few seconds. */
export const useLine = (): boolean => useContext(LineContext);

const online = {
  subscribe(changed: () => void) {
    addEventListener("online", changed);
    addEventListener("offline", changed);
    return () => {
      removeEventListener("online", changed);
      removeEventListener("offline", changed);
    };
  },
  read: () => navigator.onLine,
};
export const useOnline = (): boolean => useSyncExternalStore(online.subscribe, online.read);

function refresh(client: QueryClient, ...names: string[]): void {
  for (const name of names) void client.invalidateQueries({ queryKey: [name] });
}

/** Follow the stream while mounted. Returns whether the line is up. */
export function useNews(): boolean {
  const client = useQueryClient();
  const [up, setUp] = useState(true);
  useEffect(() => {
    let first = true;
    return follow({
      line(now) {
        setUp(now);
        if (now && !first) void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "me" });
        if (now) first = false;
      },
      news(kind, data) {
        if (kind === "handoff") refresh(client, "handoffs");
        // Fetching a thread marks it as read, and that shows in the queue's counts.
        if (kind === "message") void catchUp(client, (data as { handoff: string }).handoff).then(() => refresh(client, "handoffs"));
        if (kind === "lead") refresh(client, "leads");
        if (kind === "booking") refresh(client, "bookings");
      },
    });
  }, [client]);
  return up;
}

/** "(2) 财富陪伴…": seen also when another tab is in front. */
export function useTitleBadge(count: number): void {
  useEffect(() => {
    document.title = count > 0 ? `(${count}) ${words.title}` : words.title;
    return () => {
      document.title = words.title;
    };
  }, [count]);
}
