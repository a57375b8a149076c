/** The lobby's touch screen: the face, what was heard and said, cards, and buttons for everything. */
import "@shared/styles/index.css";
import "./kiosk.css";
import { type Host, HostProvider, type Message, MessageView } from "@shared";
import { ChartLine, HandCoins, type LucideIcon, MapPinned, Phone, Ticket, UserRound } from "lucide-react";
import { StrictMode, useEffect, useMemo, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { BranchMap } from "./BranchMap";
import { Face } from "./Face";
import { type Shown, type Touch, useRobot } from "./state";
import { words } from "./wording";

const ICONS: Record<string, LucideIcon> = {
  ticket: Ticket,
  way: MapPinned,
  product: HandCoins,
  market: ChartLine,
  phone: Phone,
  person: UserRound,
};

function Captions({ shown }: { shown: Shown }) {
  const moods: Partial<Record<Shown["face"], string>> = {
    listening: words.listening,
    thinking: words.thinking,
    speaking: words.speaking,
  };
  return (
    <section className="captions" aria-live="polite">
      {shown.heard && (
        <p className="caption-heard">
          <b>{words.heard}</b>
          {shown.heard}
        </p>
      )}
      <p className="caption-said">{shown.said || moods[shown.face] || ""}</p>
    </section>
  );
}

function Cards({ messages, host }: { messages: Message[]; host: Host }) {
  const list = useRef<HTMLElement>(null);
  // A new answer begins at its top.
  useEffect(() => {
    if (list.current) list.current.scrollTop = 0;
  }, [messages]);
  return (
    <section className="cards" ref={list}>
      <HostProvider value={host}>
        {messages.map((message) => (
          <div className={`message message-${message.type}`} key={message.id}>
            <MessageView message={message} />
          </div>
        ))}
      </HostProvider>
    </section>
  );
}

function Services({ touch, compact }: { touch: (touch: Touch) => void; compact: boolean }) {
  const [places, setPlaces] = useState(false);
  if (places) {
    return (
      <nav className={compact ? "services services-compact" : "services"}>
        {words.places.map((place) => (
          <button
            type="button"
            key={place.text}
            onClick={() => {
              setPlaces(false);
              touch({ type: "say", text: place.text });
            }}
          >
            {place.title}
          </button>
        ))}
        <button type="button" className="quiet" onClick={() => setPlaces(false)}>
          {words.back}
        </button>
      </nav>
    );
  }
  return (
    <nav className={compact ? "services services-compact" : "services"}>
      {words.services.map((service) => {
        const Icon = ICONS[service.icon] ?? Ticket;
        return (
          <button
            type="button"
            key={service.text}
            onClick={() => (service.icon === "way" ? setPlaces(true) : touch({ type: "say", text: service.text }))}
          >
            <Icon aria-hidden />
            {service.title}
          </button>
        );
      })}
    </nav>
  );
}

function Kiosk() {
  const { shown, connected, touch } = useRobot();
  const host = useMemo<Host>(
    () => ({
      masked: false,
      appearance: "kiosk",
      say: (option) => touch({ type: "say", text: option.text }),
    }),
    // touch reads the live socket each time.
    [],
  );
  return (
    <main className={shown.visit ? "kiosk in-visit" : "kiosk"} data-face={shown.face} data-connected={connected}>
      <header>
        <p>
          <b>{words.name}</b>
          <span>{words.role}</span>
        </p>
        <i className={`light light-${shown.light}`} aria-label={shown.light} />
      </header>
      <button type="button" className="stage" onClick={() => touch({ type: shown.visit ? "stop" : "wake" })}>
        <Face mood={shown.face} />
      </button>
      {!connected && <p className="notice">{words.away}</p>}
      {connected && shown.notice && <p className="notice">{shown.notice}</p>}
      {connected && shown.visit && shown.light === "offline" && <p className="notice">{words.offline}</p>}
      {shown.visit ? (
        <Captions shown={shown} />
      ) : (
        <section className="welcome">
          <h1>{words.hello}</h1>
          <p>{words.invite}</p>
        </section>
      )}
      {shown.visit && (shown.map ? <BranchMap map={shown.map} /> : <Cards messages={shown.cards} host={host} />)}
      <Services touch={touch} compact={shown.visit} />
      {shown.visit && (
        <footer>
          <button type="button" onClick={() => touch({ type: "stop" })}>
            {words.stop}
          </button>
          <button type="button" onClick={() => touch({ type: "repeat" })}>
            {words.repeat}
          </button>
          <button type="button" className="bye" onClick={() => touch({ type: "bye" })}>
            {words.bye}
          </button>
        </footer>
      )}
      <p className="privacy">{words.private}</p>
    </main>
  );
}

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Kiosk />
    </StrictMode>,
  );
}
