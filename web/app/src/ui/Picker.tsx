/** Demo only: which customer to play; each stage of the ladder has at least one. */
import { ChevronRight } from "lucide-react";
import type { DemoCustomer } from "../net/api";
import { words } from "../wording";
import { Header } from "./Header";

export function Picker(props: { customers: DemoCustomer[]; busy: string | null; problem: string; onPick: (one: DemoCustomer) => void }) {
  // The stages come in their order; several customers may stand on one.
  const stages = [...new Set(props.customers.map((one) => one.title))];
  return (
    <div className="app">
      <Header />
      <main className="picker">
        <h2>{words.picker.title}</h2>
        <p>{words.picker.text}</p>
        {props.problem && (
          <p className="problem" role="alert">
            {props.problem}
          </p>
        )}
        <ol>
          {props.customers.map((one) => (
            <li key={one.id}>
              <button type="button" disabled={props.busy !== null} aria-busy={props.busy === one.id} onClick={() => props.onPick(one)}>
                <span className="rung" aria-hidden>
                  {[1, 2, 3, 4].map((step) => (
                    <i key={step} data-on={step <= stages.indexOf(one.title) + 1} />
                  ))}
                </span>
                <span className="picker-body">
                  <strong>{one.title}</strong>
                  {one.text && <span>{one.text}</span>}
                  <small>{one.name}</small>
                </span>
                <ChevronRight aria-hidden />
              </button>
            </li>
          ))}
        </ol>
        <p className="picker-note">{words.picker.note}</p>
      </main>
    </div>
  );
}
