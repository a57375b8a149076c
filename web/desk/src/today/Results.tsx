/** What managers entered before. */
import { useQuery } from "@tanstack/react-query";
import type { LeadResult } from "../net/types";
import { dayOf, roughly, when } from "../ui/format";
import { words } from "../wording";
import { outcomesQuery } from "./ResultEntry";

export function Results({ results }: { results: LeadResult[] }) {
  const outcomes = useQuery(outcomesQuery);
  const titleOf = (one: LeadResult) => one.title ?? outcomes.data?.find(({ id }) => id === one.outcome)?.title ?? one.outcome;
  return (
    <ol className="lines">
      {results.map((one) => (
        <li key={one.result_id}>
          <p>
            <strong>{titleOf(one)}</strong>
            {one.amount && <span>{roughly(one.amount)}</span>}
            <time className="faint">{when(one.at)}</time>
          </p>
          {one.note && <p>{one.note}</p>}
          {Object.entries(one.allocation ?? {}).length > 0 && (
            <p className="faint">
              {words.today.allocation}：
              {Object.entries(one.allocation ?? {})
                .map(([name, amount]) => `${name} ${roughly(amount)}`)
                .join("，")}
            </p>
          )}
          {one.next_contact && (
            <p className="faint">
              {words.today.nextContact}：{dayOf(one.next_contact)}
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}
