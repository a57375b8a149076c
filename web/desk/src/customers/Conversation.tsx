/** What the customer and the assistant said to each other, where the customer lets the manager see it. */
import type { Message } from "@shared";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { get, Problem, query } from "../net/api";
import { Empty, Failed } from "../ui/parts";
import { Thread } from "../talk/Thread";
import { words } from "../wording";

const w = words.customers;
const PAGE = 50;

interface Page {
  messages: Message[];
  consent: boolean;
}

export function Conversation({ customer, name }: { customer: string; name: string }) {
  const pages = useInfiniteQuery({
    queryKey: ["conversation", customer],
    queryFn: ({ pageParam }) =>
      get<Page>(`/customers/${encodeURIComponent(customer)}/conversation${query({ before: pageParam, limit: PAGE })}`),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (last) => (last.messages.length < PAGE ? undefined : last.messages[0]?.seq),
    retry: false,
    // Each look is audited: none by itself.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  if (pages.isError) {
    const refused = pages.error instanceof Problem && pages.error.code === "no_consent";
    return refused ? <Empty text={w.noConsent} /> : <Failed error={pages.error} retry={() => void pages.refetch()} />;
  }
  const all = pages.data?.pages ?? [];
  const messages = [...all].reverse().flatMap((page) => page.messages);
  if (all[0] && !all[0].consent && messages.length === 0) return <Empty text={w.noConsent} />;
  return (
    <div className="conversation">
      {pages.hasNextPage && (
        <Button type="link" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {w.older}
        </Button>
      )}
      <Thread messages={messages} loading={pages.isPending} customer={customer} name={name} />
    </div>
  );
}
