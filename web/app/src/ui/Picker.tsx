/** Demo only: which customer to play, one per stage of the ladder. */
import { ChevronRight } from "lucide-react";
import type { DemoCustomer } from "../net/api";
import { words } from "../wording";
import { Header } from "./Header";

export function Picker(props: { customers: DemoCustomer[]; busy: string | null; problem: string; onPick: (one: DemoCustomer) => void }) {
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
          {props.customers.map((one, index) => (
            <li key={one.id}>
              <button type="button" disabled={props.busy !== null} aria-busy={props.busy === one.id} onClick={() => props.onPick(one)}>
                <span className="rung" aria-hidden data-rung={index + 1}>
                  {[1, 2, 3, 4].map((step) => (
                    <i key={step} data-on={step <= Math.min(4, index + 1)} />
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
