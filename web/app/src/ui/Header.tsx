/** Who is speaking, and how it looks: large type, dark, hidden amounts, more. */
import { ALargeSmall, Ellipsis, Eye, EyeOff, Moon, Sun } from "lucide-react";
import type { ReactNode } from "react";
import { change, isDark, useAppearance } from "../appearance";
import { words } from "../wording";

function Toggle(props: { label: string; on?: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={props.label}
      aria-pressed={props.on}
      title={props.label}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  );
}

export function Header({ note, onMore }: { note?: string; onMore?: () => void }) {
  const look = useAppearance();
  const dark = isDark(look);
  return (
    <header className="top">
      <div className="top-inner">
        <img className="avatar" src="/avatar.svg" alt="" width="40" height="40" />
        <div className="top-name">
          <h1>
            {words.name} <span className="badge">{words.role}</span>
          </h1>
          <p>{note ?? words.bank}</p>
        </div>
        <div className="top-tools">
          <Toggle
            label={look.masked ? words.header.show : words.header.hide}
            on={look.masked}
            onClick={() => change({ masked: !look.masked })}
          >
            {look.masked ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
          </Toggle>
          <Toggle label={words.header.large} on={look.large} onClick={() => change({ large: !look.large })}>
            <ALargeSmall aria-hidden />
          </Toggle>
          <Toggle label={words.header.dark} on={dark} onClick={() => change({ theme: dark ? "light" : "dark" })}>
            {dark ? <Sun aria-hidden /> : <Moon aria-hidden />}
          </Toggle>
          {onMore && (
            <Toggle label={words.header.more} onClick={onMore}>
              <Ellipsis aria-hidden />
            </Toggle>
          )}
        </div>
      </div>
    </header>
  );
}
