/** Whether I take hand-offs now, and how many at once. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { call, explain, get } from "../net/api";
import type { Presence } from "../net/types";

const KEY = ["presence"];

export function usePresence() {
  const client = useQueryClient();
  const { message } = App.useApp();
  const presence = useQuery({ queryKey: KEY, queryFn: () => get<Presence>("/presence") });
  const put = useMutation({
    mutationFn: (next: Presence) => call<Presence>("PUT", "/presence", next),
    onMutate: (next) => client.setQueryData(KEY, next),
    onSuccess: (next) => {
      client.setQueryData(KEY, next);
      void client.invalidateQueries({ queryKey: ["handoffs"] });
    },
    onError: (error) => {
      void message.error(explain(error));
      void client.invalidateQueries({ queryKey: KEY });
    },
  });
  return { presence, put };
}
