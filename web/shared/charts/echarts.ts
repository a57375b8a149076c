/** ECharts with only what rings and lines need, as a React hook. SVG: sharp at any size, no style tags, no eval. */
import { LineChart, PieChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { type EChartsType, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { type RefObject, useEffect, useRef } from "react";
import { useHost } from "../host";

use([PieChart, LineChart, GridComponent, TooltipComponent, SVGRenderer]);

export interface Look {
  ink: string;
  faint: string;
  line: string;
  surface: string;
  series: string[];
  up: string;
  down: string;
  /** Pixels of one rem, so that charts grow with large type. */
  rem: number;
  still: boolean;
}

export function look(element: Element): Look {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    ink: read("--pb-ink"),
    faint: read("--pb-ink-faint"),
    line: read("--pb-line"),
    surface: read("--pb-surface"),
    series: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => read(`--pb-series-${n}`)),
    up: read("--pb-up"),
    down: read("--pb-down"),
    rem: Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16,
    still: matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
}

/** Draw `option` into the returned element; anew when colours, type size or `redraw` change. */
export function useChart(
  option: (look: Look) => Record<string, unknown>,
  redraw: unknown[],
  onReady?: (chart: EChartsType) => void,
): { box: RefObject<HTMLDivElement>; chart: RefObject<EChartsType | null> } {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const { appearance } = useHost();
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const drawn = init(element, null, { renderer: "svg" });
    chart.current = drawn;
    onReady?.(drawn);
    const observer = new ResizeObserver(() => drawn.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    if (box.current) chart.current?.setOption(option(look(box.current)), true);
  }, [appearance, ...redraw]);
  return { box, chart };
}
