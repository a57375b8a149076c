/** Values over time. The reading above the plot follows the finger; no bubble hides the line. */
import { useState } from "react";
import { compact, grouped, MASK, toneOf } from "../figures";
import { words } from "../wording";
import type { Drawing } from "./Chart";
import { useChart } from "./echarts";

export default function Line({ message, hidden }: Drawing<"line">) {
  const { x, series } = message.data;
  const last = x.length - 1;
  const [at, setAt] = useState<number | null>(null);
  const place = Math.min(at ?? last, last);
  const { box } = useChart(
    (look) => ({
      animation: !look.still,
      animationDuration: 500,
      color: look.series,
      grid: { left: 0, right: 6, top: 8, bottom: 0, containLabel: true },
      tooltip: {
        trigger: "axis",
        showContent: false,
        axisPointer: { type: "line", lineStyle: { color: look.faint, type: "dashed" } },
      },
      xAxis: {
        type: "category",
        data: x,
        boundaryGap: false,
        axisTick: { show: false },
        axisLine: { lineStyle: { color: look.line } },
        axisLabel: {
          color: look.faint,
          fontSize: 0.6875 * look.rem,
          hideOverlap: true,
          alignMinLabel: "left",
          alignMaxLabel: "right",
          showMinLabel: true,
          showMaxLabel: true,
          formatter: (day: string) => day.replace(/^\d{4}-0?(\d+)-0?(\d+)$/, "$1/$2"),
        },
      },
      yAxis: {
        type: "value",
        scale: true,
        splitNumber: 3,
        axisLabel: {
          show: !hidden,
          color: look.faint,
          fontSize: 0.6875 * look.rem,
          formatter: (value: number) => (value === 0 ? "0" : compact(String(value)).replace(/^\+/, "").replace(/\.0$/, "")),
        },
        splitLine: { lineStyle: { color: look.line } },
      },
      series: series.map((one, index) => ({
        type: "line",
        name: one.name,
        data: one.values.map((value) => (value === null ? null : Number(value))),
        showSymbol: one.values.length === 1,
        symbol: "circle",
        symbolSize: 7,
        sampling: "lttb",
        connectNulls: true,
        lineStyle: { width: index === 0 ? 2.5 : 1.75 },
        areaStyle: index === 0 && series.length === 1 ? { opacity: 0.1 } : undefined,
        emphasis: { disabled: true },
      })),
    }),
    [message, hidden],
    (chart) =>
      chart.on("updateAxisPointer", (event: unknown) => {
        const axis = (event as { axesInfo?: { value: number }[] }).axesInfo?.[0];
        setAt(axis ? axis.value : null);
      }),
  );
  if (last < 0) return <p className="pb-note">{words.chart.empty}</p>;
  return (
    <div className="pb-line">
      <div className="pb-reading">
        <span className="pb-reading-day">{x[place]}</span>
        {series.map((one, index) => {
          const value = one.values[place] ?? null;
          return (
            <span key={one.name} className="pb-reading-item">
              {series.length > 1 && <i aria-hidden style={{ background: `var(--pb-series-${index + 1})` }} />}
              {one.name}
              {hidden ? (
                <strong role="img" aria-label={words.hidden}>
                  {MASK}
                </strong>
              ) : (
                <strong className={series.length === 1 ? `pb-tone-${toneOf(value)}` : undefined}>
                  {value === null ? "—" : grouped(value)}
                </strong>
              )}
            </span>
          );
        })}
      </div>
      <div ref={box} className="pb-line-canvas" aria-hidden />
    </div>
  );
}
