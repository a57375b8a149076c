/** The lobby's touch screen: the face, what was heard and said, cards, and buttons for everything. */
import "@shared/styles/index.css";
import "./kiosk.css";
import type { Host, Message } from "@shared";
import {
  Ellipsis,
  Footprints,
  Hand,
  type LucideIcon,
  Mic,
  MessageCircleQuestion,
  Pause,
  RotateCcw,
  ShieldCheck,
  Smile,
  TriangleAlert,
  Volume2,
} from "lucide-react";
import { StrictMode, useMemo } from "react";
import { createRoot } from "react-dom/client";
import { BranchMap } from "./BranchMap";
import { Cards } from "./Cards";
import { Face } from "./Face";
import { Services } from "./Services";
import { type Face as Mood, type Shown, useRobot } from "./state";
import { words } from "./wording";

const STATE_ICONS: Record<Mood, LucideIcon> = {
  idle: Hand,
  listening: Mic,
  thinking: Ellipsis,
  speaking: Volume2,
  happy: Smile,
  sorry: MessageCircleQuestion,
};

/** Characters from which a caption takes smaller letters; the robot says clauses of up to 45. */
const LONG_CAPTION = 30;

function State({ shown }: { shown: Shown }) {
  const walking = shown.map !== null;
  const Icon = walking ? Footprints : STATE_ICONS[shown.face];
  return (
    <span className="state">
      <Icon aria-hidden />
      {walking ? words.guiding : words.states[shown.face]}
    </span>
  );
}

function Captions({ shown }: { shown: Shown }) {
  return (
    <section className="captions" aria-live="polite">
      {shown.heard && (
        <p className="caption-heard">
          <b>{words.heard}</b>
          {shown.heard}
        </p>
      )}
      {shown.said && (
        <p className="caption-said" data-long={shown.said.length > LONG_CAPTION}>
          {shown.said}
        </p>
      )}
    </section>
  );
}

/** Where something is broken it may be the ears: then nobody is invited to speak. */
function Welcome({ spoken }: { spoken: boolean }) {
  return (
    <section className="welcome">
      <h1>{words.hello}</h1>
      <p>{spoken ? words.invite : words.inviteTouch}</p>
      {spoken && (
        <p className="examples">
          {words.examples.map((example) => (
            <q key={example}>{example}</q>
          ))}
        </p>
      )}
    </section>
  );
}

function Notice({ text }: { text: string }) {
  return (
    <p className="notice" role="status">
      <TriangleAlert aria-hidden />
      <span>{text}</span>
    </p>
  );
}

/** Cards without those that only repeat the caption. */
function worthShowing({ cards, said }: Shown): Message[] {
  return cards.filter((message) => message.type !== "text" || message.text !== said);
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
  const cards = worthShowing(shown);
  const full = shown.visit && (shown.map !== null || cards.length > 0);
  const layout = !shown.visit ? "idle" : full ? "full" : "bare";
  return (
    <main className={`kiosk kiosk-${layout}`} data-face={shown.face} data-connected={connected}>
      <header>
        <p>
          <b>{words.name}</b>
          <span>{words.role}</span>
        </p>
        <p className={`light light-${shown.light}`}>
          <i />
          {words.lights[shown.light]}
        </p>
      </header>
      {!connected && <Notice text={words.away} />}
      {connected && shown.notice && shown.notice !== shown.said && <Notice text={shown.notice} />}
      {connected && shown.visit && shown.light === "offline" && <Notice text={words.offline} />}
      <div className="scene">
        <button type="button" className="stage" onClick={() => touch({ type: shown.visit ? "stop" : "wake" })}>
          <Face mood={shown.face} />
          {shown.visit && <State shown={shown} />}
        </button>
        {shown.visit ? <Captions shown={shown} /> : <Welcome spoken={!shown.notice} />}
      </div>
      {full && (shown.map ? <BranchMap map={shown.map} /> : <Cards messages={cards} host={host} />)}
      <Services touch={touch} compact={full} />
      {shown.visit && (
        <footer>
          <button type="button" onClick={() => touch({ type: "stop" })}>
            <Pause aria-hidden />
            {words.stop}
          </button>
          <button type="button" onClick={() => touch({ type: "repeat" })}>
            <RotateCcw aria-hidden />
            {words.repeat}
          </button>
          <button type="button" className="bye" onClick={() => touch({ type: "bye" })}>
            {words.bye}
          </button>
        </footer>
      )}
      <p className="privacy">
        <ShieldCheck aria-hidden />
        {words.private}
      </p>
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
