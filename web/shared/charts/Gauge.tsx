/** A score on a half circle, and its parts below. */
import { grouped } from "../figures";
import type { Drawing } from "./Chart";

const RADIUS = 80;
const LENGTH = Math.PI * RADIUS;

export function Gauge({ message, hidden }: Drawing<"gauge">) {
  const { value, max, label, parts } = message.data;
  const share = Math.min(1, Math.max(0, Number(value) / (Number(max) || 1)));
  const arc = `M 20 100 A ${RADIUS} ${RADIUS} 0 0 1 180 100`;
  const shown = hidden ? "**" : grouped(value);
  return (
    <div className="pb-gauge">
      <div className="pb-gauge-plot">
        <svg viewBox="0 0 200 112" aria-hidden>
          <path className="pb-gauge-track" d={arc} />
          <path className="pb-gauge-value" d={arc} strokeDasharray={`${share * LENGTH} ${LENGTH}`} />
        </svg>
        <p className="pb-gauge-reading">
          <strong>{shown}</strong>
          <span>{label}</span>
        </p>
      </div>
      {parts && parts.length > 0 && (
        <ul className="pb-gauge-parts">
          {parts.map((part) => {
            const reached = Math.min(1, Math.max(0, Number(part.value) / (Number(part.max) || 1)));
            return (
              <li key={part.name}>
                <span>{part.name}</span>
                <div className="pb-track" aria-hidden>
                  <i data-weak={reached < 0.6} style={{ width: `${reached * 100}%` }} />
                </div>
                <span className="pb-value">
                  {hidden ? "**" : part.value}
                  <small>/{part.max}</small>
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}
