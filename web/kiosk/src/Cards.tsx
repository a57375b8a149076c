/** What the answer shows. Quick replies stay in sight below; where cards run on, a button scrolls to the rest. */
import { type Host, HostProvider, type Message, MessageView } from "@shared";
import { ChevronDown } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { words } from "./wording";

/** Less than this is the last card's margin, not something to scroll to; px. */
const MARGIN = 24;

export function Cards({ messages, host }: { messages: Message[]; host: Host }) {
  const list = useRef<HTMLElement>(null);
  const [more, setMore] = useState(false);
  const replies = messages.filter((message) => message.type === "quick_replies");
  const cards = messages.filter((message) => message.type !== "quick_replies");

  // A new answer begins at its top.
  useEffect(() => {
    if (list.current) list.current.scrollTop = 0;
  }, [messages]);

  // Charts come in late and change the height.
  useEffect(() => {
    const section = list.current;
    if (!section) return;
    const look = () => setMore(section.scrollHeight - section.clientHeight - section.scrollTop > MARGIN);
    const sizes = new ResizeObserver(look);
    for (const element of [section, ...section.children]) sizes.observe(element);
    section.addEventListener("scroll", look);
    look();
    return () => {
      sizes.disconnect();
      section.removeEventListener("scroll", look);
    };
  }, [messages]);

  return (
    <HostProvider value={host}>
      <div className="answer">
        <section className={more ? "cards cards-more" : "cards"} ref={list}>
          {cards.map((message) => (
            <div className={`message message-${message.type}`} key={message.id}>
              <MessageView message={message} />
            </div>
          ))}
        </section>
        {more && (
          <button
            type="button"
            className="more"
            onClick={() => list.current?.scrollBy({ top: list.current.clientHeight * 0.8, behavior: "smooth" })}
          >
            {words.more}
            <ChevronDown aria-hidden />
          </button>
        )}
      </div>
      {replies.map((message) => (
        <MessageView message={message} key={message.id} />
      ))}
    </HostProvider>
  );
}
