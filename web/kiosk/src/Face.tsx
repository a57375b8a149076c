/** Xiaocai's face: one drawing, its mood by CSS class, so that one state flows into the next. */
import type { Face as Mood } from "./state";

const MOUTHS: Record<Mood, string> = {
  idle: "M 84 148 Q 120 166 156 148",
  listening: "M 92 150 Q 120 164 148 150",
  thinking: "M 100 154 Q 120 150 140 154",
  speaking: "M 90 146 Q 120 172 150 146",
  happy: "M 76 142 Q 120 188 164 142",
  sorry: "M 92 162 Q 120 148 148 162",
};

export function Face({ mood }: { mood: Mood }) {
  const smiling = mood === "happy";
  return (
    <svg className={`face face-${mood}`} viewBox="0 0 240 240" role="img" aria-label={`表情 ${mood}`}>
      <circle className="face-halo" cx="120" cy="120" r="112" />
      <circle className="face-halo face-halo-2" cx="120" cy="120" r="112" />
      <rect className="face-head" x="28" y="34" width="184" height="172" rx="64" />
      <path className="face-antenna" d="M 120 34 V 18" />
      <circle className="face-bulb" cx="120" cy="13" r="8" />
      {smiling ? (
        <g className="face-eyes-smile">
          <path d="M 66 108 Q 82 88 98 108" />
          <path d="M 142 108 Q 158 88 174 108" />
        </g>
      ) : (
        <g className="face-eyes">
          <ellipse cx="82" cy="104" rx="13" ry="17" />
          <ellipse cx="158" cy="104" rx="13" ry="17" />
          <circle className="face-glint" cx="87" cy="97" r="5" />
          <circle className="face-glint" cx="163" cy="97" r="5" />
        </g>
      )}
      {mood === "sorry" && (
        <g className="face-brows">
          <path d="M 64 82 L 96 74" />
          <path d="M 176 82 L 144 74" />
        </g>
      )}
      <circle className="face-cheek" cx="62" cy="136" r="12" />
      <circle className="face-cheek" cx="178" cy="136" r="12" />
      <path className="face-mouth" d={MOUTHS[mood]} />
      {mood === "thinking" && (
        <g className="face-dots">
          <circle cx="182" cy="58" r="6" />
          <circle cx="204" cy="40" r="8" />
          <circle cx="226" cy="18" r="9" />
        </g>
      )}
    </svg>
  );
}
