/**
 * A chart with its title and the same in words. Rings and lines are drawn by ECharts, which is loaded when the first one
 * comes into view; calendars, bars and gauges are HTML, so that their figures stay text: readable aloud, large, hidden.
 */
import { Component, lazy, type ReactNode, Suspense } from "react";
import { MASK, maskText } from "../figures";
import { useHost } from "../host";
import type { ChartMessage } from "../messages";
import { words } from "../wording";
import { Bars } from "./Bars";
import { Calendar } from "./Calendar";
import { Gauge } from "./Gauge";

const Ring = lazy(() => import("./Ring"));
const Line = lazy(() => import("./Line"));

/** Money of the customer is hidden also where the chart was not marked. */
export function hidesFigures(message: ChartMessage, masked: boolean): boolean {
  if (!masked) return false;
  return message.private ?? (message.privacy !== "public" && /元|万|亿|份/.test(message.unit ?? ""));
}

export interface Drawing<K extends ChartMessage["kind"]> {
  message: Extract<ChartMessage, { kind: K }>;
  /** Figures must not be shown. */
  hidden: boolean;
}

function Figure({ message, hidden }: { message: ChartMessage; hidden: boolean }) {
  switch (message.kind) {
    case "ring":
      return <Ring message={message} hidden={hidden} />;
    case "line":
      return <Line message={message} hidden={hidden} />;
    case "calendar":
      return <Calendar message={message} hidden={hidden} />;
    case "bars":
      return <Bars message={message} hidden={hidden} />;
    case "gauge":
      return <Gauge message={message} hidden={hidden} />;
    default:
      return null;
  }
}

/** A chart that can't be drawn (its code did not load in a tunnel) leaves the words. */
class Boundary extends Component<{ fallback: ReactNode; children: ReactNode }, { failed: boolean }> {
  state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  render() {
    return this.state.failed ? this.props.fallback : this.props.children;
  }
}

export function Chart({ message }: { message: ChartMessage }) {
  const host = useHost();
  const hidden = hidesFigures(message, host.masked);
  const summary = host.masked && message.privacy !== "public" ? maskText(message.summary) : message.summary;
  return (
    <figure className="pb-card pb-chart" data-kind={message.kind}>
      <header className="pb-card-head">
        <h3>{message.title}</h3>
        {message.unit && <span className="pb-unit">{hidden ? MASK : `单位：${message.unit}`}</span>}
      </header>
      <Boundary fallback={null}>
        <Suspense
          fallback={
            <div className="pb-skeleton pb-chart-skeleton" data-kind={message.kind} role="status">
              <span className="pb-sr">{words.chart.loading}</span>
            </div>
          }
        >
          <Figure message={message} hidden={hidden} />
        </Suspense>
      </Boundary>
      <figcaption className="pb-summary">{summary}</figcaption>
    </figure>
  );
}
