/** A panel from below (phone) or in the middle (tablet). The browser's own dialog keeps the focus inside. */
import { X } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { words } from "../wording";

export function Sheet(props: { title: string; tall?: boolean; onClose: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (!element) return;
    element.showModal();
    return () => element.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={`sheet${props.tall ? " sheet-tall" : ""}`}
      aria-label={props.title}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) props.onClose();
      }}
    >
      <div className="sheet-body">
        <header className="sheet-head">
          <h2>{props.title}</h2>
          <button type="button" className="icon-button" aria-label={words.close} onClick={props.onClose}>
            <X aria-hidden />
          </button>
        </header>
        <div className="sheet-content">{props.children}</div>
      </div>
    </dialog>
  );
}
