/** Xiaocai's face: one drawing, its mood by CSS class, so that one state flows into the next. */
import type { Face as Mood } from "./state";

const MOUTHS: Record<Mood, string> = {
  idle: "M 100 140 Q 120 154 140 140",
  listening: "M 108 142 Q 120 150 132 142",
  thinking: "M 110 145 Q 120 143 130 145",
  speaking: "M 100 138 Q 120 146 140 138 Q 136 160 120 160 Q 104 160 100 138 Z",
  happy: "M 92 134 Q 120 164 148 134",
  sorry: "M 106 148 Q 120 138 134 148",
};

export function Face({ mood }: { mood: Mood }) {
  return (
    <svg className={`face face-${mood}`} viewBox="0 0 240 216" aria-hidden="true">
      <defs>
        <linearGradient id="face-shell" x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor="#ffffff" />
          <stop offset="1" stopColor="#e6ece8" />
        </linearGradient>
        <linearGradient id="face-glass" x1="0" y1="0" x2="1" y2="1">
          <stop offset="0" stopColor="#17686c" />
          <stop offset="0.55" stopColor="#0b4f55" />
          <stop offset="1" stopColor="#083a41" />
        </linearGradient>
      </defs>
      <ellipse className="face-shade" cx="120" cy="207" rx="66" ry="7" />
      <g className="face-waves">
        <path d="M 12 90 Q 2 116 12 142" />
        <path d="M -4 78 Q -20 116 -4 154" />
        <path d="M 228 90 Q 238 116 228 142" />
        <path d="M 244 78 Q 260 116 244 154" />
      </g>
      <g className="face-body">
        <path className="face-antenna" d="M 120 38 V 20" />
        <circle className="face-bulb" cx="120" cy="14" r="9" />
        <rect className="face-ear" x="18" y="92" width="22" height="48" rx="11" />
        <rect className="face-ear" x="200" y="92" width="22" height="48" rx="11" />
        <rect className="face-shell" x="28" y="34" width="184" height="164" rx="66" />
        <rect className="face-glass" x="46" y="56" width="148" height="118" rx="50" />
        <path className="face-shine" d="M 66 82 Q 76 67 98 65" />
        <ellipse className="face-cheek" cx="70" cy="136" rx="11" ry="7" />
        <ellipse className="face-cheek" cx="170" cy="136" rx="11" ry="7" />
        {mood === "happy" ? (
          <g className="face-eyes-smile">
            <path d="M 76 112 Q 90 90 104 112" />
            <path d="M 136 112 Q 150 90 164 112" />
          </g>
        ) : (
          <g className="face-look">
            <g className="face-eyes">
              <rect x="80" y="88" width="20" height="34" rx="10" />
              <rect x="140" y="88" width="20" height="34" rx="10" />
            </g>
          </g>
        )}
        {mood === "sorry" && (
          <g className="face-brows">
            <path d="M 72 88 L 98 76" />
            <path d="M 168 88 L 142 76" />
          </g>
        )}
        <path className="face-mouth" d={MOUTHS[mood]} />
      </g>
      {mood === "thinking" && (
        <g className="face-dots">
          <circle cx="200" cy="46" r="6" />
          <circle cx="217" cy="30" r="8" />
          <circle cx="236" cy="10" r="10" />
        </g>
      )}
    </svg>
  );
}
