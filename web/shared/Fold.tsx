/** Shows the first part of something long, and the rest when asked. */
import { ChevronDown } from "lucide-react";
import { type ReactNode, useLayoutEffect, useRef, useState } from "react";
import { words } from "./wording";

function Toggle({ open, label, onClick }: { open: boolean; label: string; onClick: () => void }) {
  return (
    <button type="button" className="pb-fold-toggle" aria-expanded={open} onClick={onClick}>
      {open ? words.collapse : label}
      <ChevronDown aria-hidden className={open ? "pb-turned" : ""} />
    </button>
  );
}

/** Items beyond `limit` wait behind a button. */
export function FoldItems<T>(props: {
  items: T[];
  limit: number;
  unit: string;
  children: (shown: T[]) => ReactNode;
}) {
  const [open, setOpen] = useState(false);
  // Hiding one line behind a button that takes a line helps nobody.
  const folds = props.items.length > props.limit + 1;
  return (
    <>
      {props.children(folds && !open ? props.items.slice(0, props.limit) : props.items)}
      {folds && (
        <Toggle
          open={open}
          label={words.expand(props.items.length - props.limit, props.unit)}
          onClick={() => setOpen(!open)}
        />
      )}
    </>
  );
}

/** Text that runs over about ten lines is cut with a fade. */
export function FoldText({ children }: { children: ReactNode }) {
  const body = useRef<HTMLDivElement>(null);
  const [long, setLong] = useState(false);
  const [open, setOpen] = useState(false);
  useLayoutEffect(() => {
    const element = body.current;
    if (element && !open) setLong(element.scrollHeight > element.clientHeight + 24);
  }, [children, open]);
  return (
    <>
      <div ref={body} className={`pb-fold-text${open ? " pb-open" : ""}${long ? " pb-long" : ""}`}>
        {children}
      </div>
      {long && <Toggle open={open} label={words.expandText} onClick={() => setOpen(!open)} />}
    </>
  );
}
