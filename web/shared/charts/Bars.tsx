/** Who contributed how much: bars to both sides of zero where something lost. */
import { grouped, MASK, toneOf } from "../figures";
import { FoldItems } from "../Fold";
import { words } from "../wording";
import type { Drawing } from "./Chart";

export function Bars({ message, hidden }: Drawing<"bars">) {
  const { items } = message.data;
  const sizes = items.map((item) => Math.abs(Number(item.value)));
  const largest = Math.max(...sizes, Number.MIN_VALUE);
  const both = items.some((item) => Number(item.value) < 0) && items.some((item) => Number(item.value) > 0);
  if (items.length === 0) return <p className="pb-note">{words.chart.empty}</p>;
  return (
    <FoldItems items={items} limit={6} unit={words.item}>
      {(shown) => (
        <ul className="pb-bars" data-both={both}>
          {shown.map((item) => {
            const tone = toneOf(item.value);
            const width = (Math.abs(Number(item.value)) / largest) * (both ? 50 : 100);
            return (
              <li key={item.name}>
                <span className="pb-bar-name">{item.name}</span>
                {hidden ? (
                  <span className="pb-value" role="img" aria-label={words.hidden}>
                    {MASK}
                  </span>
                ) : (
                  <span className={`pb-value pb-tone-${tone}`}>{grouped(item.value, true)}</span>
                )}
                <div className="pb-bar" aria-hidden>
                  <i data-tone={tone} style={{ width: `${Math.max(width, 1)}%` }} />
                </div>
              </li>
            );
          })}
        </ul>
      )}
    </FoldItems>
  );
}
