/** Times and figures as the desk shows them; times in the bank's zone. */
import { words } from "../wording";

const zone = "Asia/Shanghai";
const clock = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, month: "long", day: "numeric" });
const year = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, year: "numeric", month: "long", day: "numeric" });
const weekday = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, weekday: "short" });
const DAY_MS = 86_400_000;
const DATE_ONLY = /^\d{4}-\d{2}-\d{2}$/;

/** "3月2日", with the year when it is another one. */
export function dayOf(at: string, now = new Date()): string {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return at;
  const whole = year.format(moment);
  if (whole === year.format(now)) return words.time.today;
  if (whole === year.format(new Date(now.getTime() + DAY_MS))) return words.time.tomorrow;
  if (whole === year.format(new Date(now.getTime() - DAY_MS))) return words.time.yesterday;
  return whole.slice(0, 5) === year.format(now).slice(0, 5) ? day.format(moment) : whole;
}

/** "今天 10:15", "3月2日 10:15"; a date without a time stays a date. */
export function when(at: string | null | undefined, now = new Date()): string {
  if (!at) return "";
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime()) || DATE_ONLY.test(at)) return dayOf(at, now);
  return `${dayOf(at, now)} ${clock.format(moment)}`;
}

export const timeOf = (at: string): string => clock.format(new Date(at));

/** "3月2日 周一 10:15": for appointments. */
export function slot(at: string): string {
  const moment = new Date(at);
  return `${dayOf(at)} ${weekday.format(moment)} ${clock.format(moment)}`;
}

/** How long somebody waits: "40 秒", "3 分钟", "2 小时". */
export function span(seconds: number): string {
  if (seconds < 60) return words.time.seconds(Math.max(0, Math.floor(seconds)));
  if (seconds < 3600) return words.time.minutes(Math.floor(seconds / 60));
  if (seconds < 2 * 86_400) return words.time.hours(Math.floor(seconds / 3600));
  return words.time.days(Math.floor(seconds / 86_400));
}

/** Money for orientation: "128,560.32" stays exact below ten thousand, "约 12.86 万" above. The title gives it exactly. */
export function roughly(figure: string | null | undefined): string {
  const value = Number(figure ?? Number.NaN);
  if (!Number.isFinite(value)) return "—";
  const short = (part: number) => part.toFixed(2).replace(/\.?0+$/, "");
  if (Math.abs(value) >= 1e8) return `${short(value / 1e8)} 亿元`;
  if (Math.abs(value) >= 1e4) return `${short(value / 1e4)} 万元`;
  return `${short(value)} 元`;
}

/** "0.2986" → "29.9%". */
export function share(figure: string | number, decimals = 1): string {
  const value = Number(figure);
  return Number.isFinite(value) ? `${(value * 100).toFixed(decimals).replace(/\.0$/, "")}%` : "—";
}
