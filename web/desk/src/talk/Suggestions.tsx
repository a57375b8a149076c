/** What the assistant would say. A tap puts it into the box; it never goes out by itself. */
import { useQuery } from "@tanstack/react-query";
import { Sparkles } from "lucide-react";
import { get } from "../net/api";
import type { Suggestion } from "../net/types";
import { words } from "../wording";

const w = words.talk;
const titleOf = (source: Suggestion["sources"][number]) => (typeof source === "string" ? source : (source.title ?? source.text ?? ""));

export function Suggestions(props: { handoff: string; after: number | undefined; take: (text: string) => void }) {
  const found = useQuery({
    queryKey: ["suggestions", props.handoff, props.after],
    queryFn: () => get<{ suggestions: Suggestion[] }>(`/handoffs/${encodeURIComponent(props.handoff)}/suggestions`),
    enabled: props.after !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
  });
  // A help, not a need: where it can't be had, the manager writes alone.
  if (props.after === undefined || found.isError) return null;
  const suggestions = found.data?.suggestions;
  return (
    <section className="suggestions" aria-label={w.suggestions} aria-busy={suggestions === undefined}>
      <p className="suggestions-head">
        <Sparkles aria-hidden />
        {w.suggestions}
        <span className="faint">
          {suggestions === undefined ? w.thinking : suggestions.length ? w.suggestionsNote : w.noSuggestion}
        </span>
      </p>
      {suggestions && suggestions.length > 0 && (
        <div className="suggestions-list">
          {suggestions.map((one) => (
            <button key={one.id} type="button" onClick={() => props.take(one.text)}>
              <span className="suggestions-text">{one.text}</span>
              {one.sources.length > 0 && (
                <span className="faint">
                  {w.sources}
                  {one.sources.map(titleOf).filter(Boolean).join("、")}
                </span>
              )}
            </button>
          ))}
        </div>
      )}
    </section>
  );
}
