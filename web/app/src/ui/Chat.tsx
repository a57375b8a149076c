/** The page for one signed-in customer: header, thread, topics, composer, and the sheets over them. */
import { type Host, HostProvider } from "@shared";
import { Headset, Repeat2, Settings2, SunMoon, WifiOff } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { change, isDark, useAppearance } from "../appearance";
import { Conversation } from "../chat/conversation";
import { openAddress, openLater, tell } from "../host";
import { Api, explain } from "../net/api";
import type { Session } from "../net/session";
import { words } from "../wording";
import { Composer, type ComposerHandle } from "./Composer";
import { Header } from "./Header";
import { useOverlay } from "./overlay";
import { Settings } from "./Settings";
import { Sheet } from "./Sheet";
import { Thread } from "./Thread";
import type { TurnActions } from "./TurnView";

function useToast(): [string, (text: string) => void] {
  const [toast, setToast] = useState("");
  useEffect(() => {
    if (!toast) return;
    const timer = setTimeout(() => setToast(""), 2_600);
    return () => clearTimeout(timer);
  }, [toast]);
  return [toast, setToast];
}

interface Props {
  session: Session;
  note?: string;
  /** Code of a QR binding in the address. */
  bind: string | null;
  onLeave?: () => void;
  /** Sign in again by hand, where the renewal failed; absent when only the host can. */
  onSignIn?: () => void;
}

export function Chat({ session, note, bind, onLeave, onSignIn }: Props) {
  const conversation = useMemo(() => new Conversation(new Api(session)), [session]);
  const { api } = conversation;
  const state = useSyncExternalStore(conversation.subscribe, conversation.snapshot);
  const look = useAppearance();
  const composer = useRef<ComposerHandle>(null);
  const { overlay, show, close } = useOverlay();
  const [toast, setToast] = useToast();
  const ready = state.phase === "ready";

  useEffect(() => {
    void conversation.open();
    return () => conversation.close();
  }, [conversation]);

  const bound = useRef(false);
  useEffect(() => {
    if (!ready || !bind || bound.current) return;
    bound.current = true;
    // Single use: a reload must not claim it again.
    const address = new URL(location.href);
    address.searchParams.delete("bind");
    history.replaceState(history.state, "", address);
    show("binding");
  }, [ready, bind, show]);
  const takeOver = () => {
    close();
    if (!bind) return;
    setToast(words.binding.working);
    conversation.bind(bind).catch((error: unknown) => setToast(explain(error) || words.binding.failed));
  };

  const unread = Math.max(0, Math.floor(state.messages[state.messages.length - 1]?.seq ?? 0) - state.readSeq);
  useEffect(() => {
    tell("unread", { count: unread });
  }, [unread]);

  useEffect(() => {
    if (state.signedOut) tell("signed-out");
  }, [state.signedOut]);

  const actions = useMemo<TurnActions>(
    () => ({
      resend: (id) => conversation.resend(id),
      edit: (id) => composer.current?.edit(conversation.discard(id)),
      rate: (id, rating, reason) => conversation.rate(id, rating, reason),
      toast: setToast,
    }),
    [conversation, setToast],
  );
  const host = useMemo<Host>(
    () => ({
      masked: look.masked,
      appearance: `${isDark(look)}/${look.large}`,
      say: (option, from, source) => conversation.say(option.text, { source, reply_to: from.id }),
      open: (url, kind) => openAddress(url, kind),
      purchase: (product) => {
        const open = openLater("purchase");
        api.call<{ url: string }>("POST", "/purchase-sessions", { product: product.code }).then(
          ({ url }) => open(url),
          (error: unknown) => {
            open(null);
            setToast(explain(error) || words.purchase.failed);
          },
        );
      },
    }),
    [look, conversation, api, setToast],
  );
  const loadOlder = useCallback(() => void conversation.loadOlder(), [conversation]);
  const markRead = useCallback(() => conversation.markRead(), [conversation]);
  const askForPerson = () => {
    close();
    conversation.askForPerson().then(
      () => setToast(words.more.asked),
      (error: unknown) => setToast(explain(error) || words.more.askFailed),
    );
  };
  const inForm = state.messages[state.messages.length - 1]?.type === "form_step";
  const { handoff } = state;
  const withPerson = handoff.state === "active" || handoff.state === "queued" || handoff.state === "requested";

  return (
    <HostProvider value={host}>
      <div className="app">
        <Header note={note} onMore={() => show("more")} />
        {!state.online && (
          <p className="banner" role="status">
            <WifiOff aria-hidden />
            {navigator.onLine ? words.banner.reconnecting : words.banner.offline}
          </p>
        )}
        {withPerson && (
          <p className="banner banner-person" role="status">
            <Headset aria-hidden />
            <span>
              {handoff.state === "active"
                ? words.banner.active(handoff.manager ?? words.origins.manager)
                : words.banner.queued(Math.max(0, (handoff.position ?? 1) - 1))}
            </span>
            <button type="button" onClick={() => conversation.backToAssistant().catch((e: unknown) => setToast(explain(e)))}>
              {words.banner.backToAssistant}
            </button>
          </p>
        )}
        {ready ? (
          <Thread state={state} actions={actions} loadOlder={loadOlder} markRead={markRead} />
        ) : (
          <Loading failed={state.phase === "failed"} retry={() => void conversation.open()} />
        )}
        <footer className="dock">
          {ready && !inForm && !withPerson && session.topics.length > 0 && (
            <ul className="topics" aria-label={words.topics.label} tabIndex={0}>
              {session.topics.map((topic) => (
                <li key={topic.title}>
                  <button type="button" onClick={() => conversation.say(topic.text, { source: "quick_reply" })}>
                    {topic.title}
                  </button>
                </li>
              ))}
            </ul>
          )}
          <Composer ref={composer} customer={session.customer} onSend={(text) => conversation.say(text)} />
        </footer>
        <div className="toast" role="status" aria-live="polite" data-on={toast !== ""}>
          {toast}
        </div>
        {overlay === "more" && (
          <Sheet title={words.more.title} onClose={close}>
            {!withPerson && (
              <button type="button" className="row-button" onClick={askForPerson}>
                <Headset aria-hidden />
                <span>
                  {words.more.person}
                  <small>{words.more.personNote}</small>
                </span>
              </button>
            )}
            <button type="button" className="row-button" onClick={() => show("settings")}>
              <Settings2 aria-hidden />
              <span>
                {words.more.settings}
                <small>{words.more.settingsNote}</small>
              </span>
            </button>
            {look.theme !== "system" && (
              <button type="button" className="row-button" onClick={() => change({ theme: "system" })}>
                <SunMoon aria-hidden />
                <span>{words.more.system}</span>
              </button>
            )}
            {onLeave && (
              <button type="button" className="row-button" onClick={onLeave}>
                <Repeat2 aria-hidden />
                <span>
                  {words.more.switchCustomer}
                  <small>{words.more.switchCustomerNote}</small>
                </span>
              </button>
            )}
          </Sheet>
        )}
        {overlay === "binding" && (
          <Sheet title={words.binding.title} onClose={close}>
            <div className="confirm">
              <p>{words.binding.text}</p>
              <button type="button" className="button" autoFocus onClick={takeOver}>
                {words.binding.yes}
              </button>
              <button type="button" className="button button-quiet" onClick={close}>
                {words.binding.no}
              </button>
            </div>
          </Sheet>
        )}
        {overlay === "settings" && (
          <Sheet title={words.settings.title} tall onClose={close}>
            <Settings
              api={api}
              version={state.preferencesVersion}
              toast={setToast}
              onDelete={async () => {
                await conversation.deleteEverything();
                close();
              }}
            />
          </Sheet>
        )}
        {state.signedOut && <SignedOut onSignIn={onSignIn} />}
      </div>
    </HostProvider>
  );
}

function Loading({ failed, retry }: { failed: boolean; retry: () => void }) {
  if (failed) {
    return (
      <main className="state" role="alert">
        <p>{words.thread.failed}</p>
        <button type="button" className="button" onClick={retry}>
          {words.thread.retry}
        </button>
      </main>
    );
  }
  return (
    <main className="thread-skeleton" role="status" aria-label={words.thread.loading}>
      <div className="pb-skeleton skeleton-text" />
      <div className="pb-skeleton skeleton-card" />
      <div className="pb-skeleton skeleton-mine" />
      <div className="pb-skeleton skeleton-text" />
    </main>
  );
}

function SignedOut({ onSignIn }: { onSignIn?: () => void }) {
  return (
    <div className="veil" role="alertdialog" aria-modal="true" aria-labelledby="signed-out" aria-describedby="signed-out-text">
      <div className="veil-card">
        <h2 id="signed-out">{words.signedOut.title}</h2>
        <p id="signed-out-text">{words.signedOut.text}</p>
        {onSignIn ? (
          <button type="button" className="button" autoFocus onClick={onSignIn}>
            {words.signedOut.again}
          </button>
        ) : (
          <p>{words.signedOut.fromBank}</p>
        )}
      </div>
    </div>
  );
}
