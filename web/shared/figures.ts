/** Figures as the field writes them: grouped thousands, signs, and hidden amounts. Text in, text out: no rounding of money. */
import type { Figure, Message, Tone } from "./messages";

export const MASK = "****";

const MASKED_AMOUNTS = [
  // 128,560.32 元 · ¥5000 · 3.5 万元 · 12.5万 · 1,000.00 份
  /(?:[+\-−]?[¥￥]\s*[+\-−]?\d[\d,]*(?:\.\d+)?(?:\s*[万亿])?)|(?:[+\-−]?\d[\d,]*(?:\.\d+)?(?=\s*(?:[十百千万亿]+\s*)?(?:元|块|美元|港元|份)))/g,
  /[+\-−]?\d[\d,]*(?:\.\d+)?(?=\s*[万亿])/g,
  // Grouped or signed with cents, without a unit.
  /[+\-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?/g,
  /(?<![\d.])[+\-−]\d+\.\d{2}(?![\d%])(?!\s*%)/g,
  /[零〇一二两三四五六七八九十百千万亿]{2,}(?=元|块)/g,
];

/** Words with their amounts replaced; percentages, dates and product terms stay. */
export function maskText(text: string): string {
  return MASKED_AMOUNTS.reduce((masked, pattern) => masked.replace(pattern, MASK), text);
}

/** One value of a message: hidden wholly when it is marked private, else only the amounts in it. */
export function maskValue(value: string, message: Message, marked?: boolean): string {
  if (marked === true) return MASK;
  if (marked === false || message.privacy === "public") return value;
  return maskText(value);
}

/** "38568.10" → "38,568.10"; with `sign` a plus is put before what is above zero. */
export function grouped(figure: Figure, sign = false): string {
  const [, minus = "", whole = "0", rest = ""] = /^(-?)(\d+)((?:\.\d+)?)$/.exec(figure) ?? [];
  const plus = sign && !minus && /[1-9]/.test(figure) ? "+" : "";
  return `${minus || plus}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${rest}`;
}

/** "0.2986" → "29.86%", by moving the point, so that nothing is rounded twice. */
export function percent(share: Figure, decimals = 1): string {
  return `${(Number(share) * 100).toFixed(decimals)}%`;
}

/** Short form for a small cell: "+12345.6" → "+1.23万". For orientation only; the exact figure stands beside it on touch. */
export function compact(figure: Figure): string {
  const value = Number(figure);
  const size = Math.abs(value);
  const sign = value > 0 ? "+" : value < 0 ? "-" : "";
  if (size >= 1e8) return `${sign}${(size / 1e8).toFixed(1)}亿`;
  if (size >= 1e4) return `${sign}${(size / 1e4).toFixed(size >= 1e5 ? 0 : 1)}万`;
  return `${sign}${size >= 100 ? size.toFixed(0) : size.toFixed(1)}`;
}

/** Red up, green down: the custom of Chinese markets. */
export function toneOf(figure: Figure | null): Tone {
  const value = Number(figure ?? 0);
  return value > 0 ? "up" : value < 0 ? "down" : "flat";
}
