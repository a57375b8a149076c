/** What every view needs: loading, failed and empty states, a section, a name plate. */
import type { UseQueryResult } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import clsx from "clsx";
import { CloudOff, Sprout } from "lucide-react";
import { Component, type ReactNode } from "react";
import { explain } from "../net/api";
import { words } from "../wording";

/** Fetched data, or what stands in its place. What was there before stays while it is fetched again. */
export function Loaded<T>(props: {
  query: UseQueryResult<T>;
  /** Words to show instead of nothing. */
  empty?: string;
  isEmpty?: (data: T) => boolean;
  rows?: number;
  children: (data: T) => ReactNode;
}) {
  const { query } = props;
  if (query.data === undefined) {
    if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />;
    return (
      <div className="skeleton" aria-busy="true" role="status">
        <span className="pb-sr">{words.loading}</span>
        <Skeleton active title={false} paragraph={{ rows: props.rows ?? 4 }} />
      </div>
    );
  }
  if (props.empty && props.isEmpty?.(query.data)) return <Empty text={props.empty} />;
  return <>{props.children(query.data)}</>;
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <div className="state" role="alert">
      <CloudOff aria-hidden />
      <p>{explain(error)}</p>
      {retry && <Button onClick={retry}>{words.retry}</Button>}
    </div>
  );
}

export function Empty({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <div className="state">
      <Sprout aria-hidden />
      <p>{text}</p>
      {children}
    </div>
  );
}

export function Section(props: { title: string; note?: ReactNode; extra?: ReactNode; className?: string; children: ReactNode }) {
  return (
    <section className={clsx("section", props.className)} aria-label={props.title}>
      <header className="section-head">
        <h2>{props.title}</h2>
        {props.note && <span className="section-note">{props.note}</span>}
        {props.extra && <div className="section-extra">{props.extra}</div>}
      </header>
      {props.children}
    </section>
  );
}

export function PageHead({ title, note, children }: { title: string; note?: ReactNode; children?: ReactNode }) {
  return (
    <header className="page-head">
      <div>
        <h1>{title}</h1>
        {note && <p>{note}</p>}
      </div>
      {children && <div className="page-head-tools">{children}</div>}
    </header>
  );
}

/** The first character of a name on a disc, so that the eye finds people. */
export function Plate({ name, small }: { name: string; small?: boolean }) {
  return (
    <span className="plate" data-small={small} aria-hidden>
      {name.slice(0, 1)}
    </span>
  );
}

/** A short label. */
export function Pill({ tone, children }: { tone?: "accent" | "warn" | "gold"; children: ReactNode }) {
  return (
    <span className="pill" data-tone={tone}>
      {children}
    </span>
  );
}

/** A view that breaks leaves the menu in place. */
export class Boundary extends Component<{ view: string; children: ReactNode }, { broken: string | null }> {
  state = { broken: null };
  static getDerivedStateFromError() {
    return { broken: "" };
  }
  componentDidCatch(error: Error) {
    console.error(error);
    this.setState({ broken: this.props.view });
  }
  componentDidUpdate(before: { view: string }) {
    if (before.view !== this.props.view && this.state.broken !== null) this.setState({ broken: null });
  }
  render() {
    if (this.state.broken === null) return this.props.children;
    return (
      <div className="state" role="alert">
        <CloudOff aria-hidden />
        <p>{words.problems.crashed}</p>
        <Button onClick={() => location.reload()}>{words.problems.reload}</Button>
      </div>
    );
  }
}
