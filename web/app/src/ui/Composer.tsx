/** Where the customer types. A draft survives a reload. */
import { SendHorizontal } from "lucide-react";
import { forwardRef, useImperativeHandle, useLayoutEffect, useRef, useState } from "react";
import { words } from "../wording";

const HIGHEST_PX = 132;

export interface ComposerHandle {
  /** Put words there to be edited. */
  edit(text: string): void;
}

interface Props {
  /** Whose draft it is: one customer's words must not wait for the next on the same device. */
  customer: string;
  onSend: (text: string) => void;
}

export const Composer = forwardRef<ComposerHandle, Props>(function Composer({ customer, onSend }, ref) {
  const draft = `peiban.draft.${customer}`;
  const [text, setText] = useState(() => sessionStorage.getItem(draft) ?? "");
  const box = useRef<HTMLTextAreaElement>(null);
  const blank = text.trim() === "";

  const set = (next: string) => {
    setText(next);
    try {
      sessionStorage.setItem(draft, next);
    } catch {
      // Too long to keep: it is still in the box.
    }
  };
  useImperativeHandle(ref, () => ({
    edit(words) {
      set(words);
      box.current?.focus();
    },
  }));
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(HIGHEST_PX, element.scrollHeight)}px`;
  }, [text]);

  const send = () => {
    if (blank) return;
    onSend(text);
    set("");
    box.current?.focus();
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={box}
        rows={1}
        value={text}
        aria-label={words.composer.label}
        placeholder={words.composer.placeholder}
        enterKeyHint="send"
        onChange={(event) => set(event.target.value)}
        onKeyDown={(event) => {
          // While pinyin is being composed, Enter picks the word; it does not send.
          if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing && event.keyCode !== 229) {
            event.preventDefault();
            send();
          }
        }}
      />
      <button type="submit" className="send" aria-label={words.composer.send} disabled={blank}>
        <SendHorizontal aria-hidden />
      </button>
    </form>
  );
});
