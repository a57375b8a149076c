/** Dark, large type, hidden amounts: kept on this device, applied to the whole document. */
import { useSyncExternalStore } from "react";

export interface Appearance {
  theme: "system" | "light" | "dark";
  large: boolean;
  masked: boolean;
}

const KEY = "peiban.look";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();
let current: Appearance = { theme: "system", large: false, masked: false, ...read() };

function read(): Partial<Appearance> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return kept && typeof kept === "object" ? kept : {};
  } catch {
    return {};
  }
}

export function isDark(look: Appearance = current): boolean {
  return look.theme === "system" ? system.matches : look.theme === "dark";
}

/** public/first.js does the same before the first paint, so that dark pages do not flash. */
function apply(): void {
  const root = document.documentElement;
  root.dataset.theme = isDark() ? "dark" : "light";
  root.toggleAttribute("data-large", current.large);
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", isDark() ? "#0b2227" : "#0b4f55");
}

export function change(part: Partial<Appearance>): void {
  current = { ...current, ...part };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // A browser that keeps nothing still shows what was chosen.
  }
  apply();
  for (const tell of listeners) tell();
}

system.addEventListener?.("change", () => change({}));
apply();

export function useAppearance(): Appearance {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => current,
  );
}

const THEME_NAME = /^--pb-[a-z0-9-]{1,40}$/;
const THEME_VALUE = /^[#a-zA-Z0-9(),.%\s/"'-]{1,200}$/;

/** Colours and sizes of the bank that embeds the page. Names outside --pb-* and values with addresses are ignored. */
export function applyTheme(variables: unknown): void {
  if (!variables || typeof variables !== "object") return;
  for (const [name, value] of Object.entries(variables)) {
    if (THEME_NAME.test(name) && typeof value === "string" && THEME_VALUE.test(value) && !/url\s*\(/i.test(value)) {
      document.documentElement.style.setProperty(name, value);
    }
  }
}
