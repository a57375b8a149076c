/** Where each class stands against the band of the reference allocation; the same in words below each. */
import type { Drift } from "../net/types";
import { share } from "../ui/format";
import { words } from "../wording";

const w = words.customers;

function verdict(one: Drift): "within" | "above" | "below" {
  if (Number(one.weight) > Number(one.high)) return "above";
  return Number(one.weight) < Number(one.low) ? "below" : "within";
}

export function DriftBands({ drift }: { drift: Drift[] }) {
  const most = Math.max(0.01, ...drift.flatMap((one) => [Number(one.weight), Number(one.high), Number(one.target)]));
  const at = (figure: string) => `${Math.min(100, (Number(figure) / most) * 100)}%`;
  return (
    <ul className="drift">
      {drift.map((one) => (
        <li key={one.class} data-verdict={verdict(one)}>
          <p>
            <strong>{one.title}</strong>
            <span>{w.now(share(one.weight))}</span>
            <span className="drift-verdict">{w[verdict(one)]}</span>
          </p>
          <div className="drift-track" aria-hidden>
            <i className="drift-band" style={{ left: at(one.low), width: `calc(${at(one.high)} - ${at(one.low)})` }} />
            <i className="drift-target" style={{ left: at(one.target) }} />
            <i className="drift-now" style={{ left: at(one.weight) }} />
          </div>
          <p className="faint">{w.band(share(one.low), share(one.high))}</p>
        </li>
      ))}
    </ul>
  );
}
