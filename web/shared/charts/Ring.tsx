/** Shares of a whole, with the total in the middle; a part is picked on the ring or in the legend. */
import { useState } from "react";
import { grouped, MASK, percent } from "../figures";
import { words } from "../wording";
import type { Drawing } from "./Chart";
import { useChart } from "./echarts";

export default function Ring({ message, hidden }: Drawing<"ring">) {
  const { center, parts } = message.data;
  const [picked, setPicked] = useState<number | null>(null);
  const pick = (index: number) => setPicked((before) => (before === index ? null : index));
  const { box } = useChart(
    (look) => ({
      animation: !look.still,
      animationDuration: 500,
      color: look.series,
      series: [
        {
          type: "pie",
          radius: ["70%", "92%"],
          startAngle: 90,
          avoidLabelOverlap: false,
          label: { show: false },
          labelLine: { show: false },
          emphasis: { scaleSize: 4 },
          itemStyle: { borderColor: look.surface, borderWidth: 2, borderRadius: 4 },
          data: parts.map((part, index) => ({
            name: part.name,
            value: Number(part.share),
            itemStyle: { opacity: picked === null || picked === index ? 1 : 0.3 },
          })),
        },
      ],
    }),
    [message, picked],
    (chart) => chart.on("click", (event) => pick(event.dataIndex)),
  );
  const part = picked === null ? undefined : parts[picked];
  const value = part ? part.value : center?.value;
  const shown = value === undefined ? "" : hidden ? MASK : grouped(value);
  return (
    <div className="pb-ring">
      <div className="pb-ring-plot">
        <div ref={box} className="pb-ring-canvas" aria-hidden />
        <div className="pb-ring-center" aria-live="polite">
          <span className="pb-ring-label">{part?.name ?? center?.label}</span>
          {/* Eleven characters fit at full size; longer sums shrink instead of running over the ring. */}
          <strong style={{ fontSize: `${Math.min(1.125, 12 / Math.max(1, shown.length))}rem` }}>
            {hidden && shown ? <span role="img" aria-label={words.hidden}>{MASK}</span> : shown}
          </strong>
          {part && <span className="pb-ring-label">{percent(part.share)}</span>}
        </div>
      </div>
      <ul className="pb-legend" aria-label={words.chart.legend}>
        {parts.map((entry, index) => (
          <li key={entry.name}>
            <button type="button" aria-pressed={picked === index} onClick={() => pick(index)}>
              <i aria-hidden style={{ background: `var(--pb-series-${(index % 8) + 1})` }} />
              <span className="pb-legend-name">{entry.name}</span>
              <span className="pb-legend-share">{percent(entry.share)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
