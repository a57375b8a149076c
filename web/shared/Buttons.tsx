/** Buttons that messages carry: actions on cards, quick replies, answers to a form step. */
import { ChevronRight } from "lucide-react";
import { useHost } from "./host";
import type { Action, FormStepMessage, Message, QuickRepliesMessage } from "./messages";
import { words } from "./wording";

export function ActionButton({ action, from, quiet }: { action: Action; from: Message; quiet?: boolean }) {
  const host = useHost();
  const { text, url } = action;
  const act =
    text !== undefined && host.say
      ? () => host.say?.({ title: action.title, text }, from, "action")
      : url !== undefined && host.open
        ? () => host.open?.(url, "bank", from)
        : undefined;
  if (!act) return null;
  return (
    <button type="button" className={quiet ? "pb-action-quiet" : "pb-action"} onClick={act}>
      {action.title}
      {quiet && <ChevronRight aria-hidden />}
    </button>
  );
}

export function QuickReplies({ message }: { message: QuickRepliesMessage }) {
  const { say } = useHost();
  if (!say) return null;
  return (
    <ul className="pb-quick" aria-label={words.options}>
      {message.options.map((option) => (
        <li key={option.title + option.text}>
          <button type="button" onClick={() => say(option, message, "quick_reply")}>
            {option.title}
          </button>
        </li>
      ))}
    </ul>
  );
}

export function FormStep({ message }: { message: FormStepMessage }) {
  const { say } = useHost();
  const done = Math.min(1, message.step / message.of);
  const progress = words.form.progress(message.step, message.of);
  return (
    <section className="pb-card pb-form" aria-label={progress}>
      <div className="pb-form-progress">
        <span>{progress}</span>
        <div className="pb-track" aria-hidden>
          <i style={{ width: `${done * 100}%` }} />
        </div>
      </div>
      <p className="pb-form-question">{message.question}</p>
      <ul className="pb-form-options">
        {message.options.map((option, index) => (
          <li key={option.title + option.text}>
            <button type="button" disabled={!say} onClick={() => say?.(option, message, "form")}>
              <span aria-hidden className="pb-letter">
                {String.fromCharCode(65 + index)}
              </span>
              {option.title}
            </button>
          </li>
        ))}
      </ul>
      {message.note && <p className="pb-note">{message.note}</p>}
    </section>
  );
}
