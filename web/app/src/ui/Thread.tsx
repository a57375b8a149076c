/** The conversation: only what is near the screen is in the document, older pages come while scrolling up. */
import { ArrowDown } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Virtuoso, type VirtuosoHandle } from "react-virtuoso";
import type { State } from "../chat/conversation";
import { asWords, toTurns, type Turn } from "../chat/turns";
import { shownText } from "../chat/outbox";
import { useAppearance } from "../appearance";
import { words } from "../wording";
import { type TurnActions, TurnView } from "./TurnView";

/** High enough to count down from: the list wants a falling index when something is put before it. */
const BASE = 1_000_000;
/** A thread that fits about one screen needs no word about its beginning. */
const SHORT = 12;
const SETTLED_MS = [80, 250];

function useFirstIndex(turns: readonly Turn[]): number {
  const memory = useRef({ base: BASE, first: turns[0]?.key });
  const kept = memory.current;
  const first = turns[0]?.key;
  if (first !== kept.first) {
    const moved = turns.findIndex((turn) => turn.key === kept.first);
    memory.current = { base: moved > 0 ? kept.base - moved : BASE, first };
  }
  return memory.current.base;
}

interface ListContext {
  state: State;
  loadOlder: () => void;
}

function Top({ context }: { context?: ListContext }) {
  const state = context?.state;
  if (!state || (!state.hasMore && state.messages.length < SHORT)) return <div className="thread-top" />;
  if (state.older === "failed") {
    return (
      <button type="button" className="thread-top" onClick={context.loadOlder}>
        {words.thread.olderFailed}
      </button>
    );
  }
  return <p className="thread-top">{state.hasMore ? words.thread.loadingOlder : words.thread.beginning}</p>;
}

function Bottom({ context }: { context?: ListContext }) {
  const typing = context?.state.typing;
  return (
    <div className="thread-bottom">
      {typing && (
        <p className="typing">
          <span className="dots" aria-hidden>
            <i />
            <i />
            <i />
          </span>
          {typing === "manager" ? words.managerTyping : words.typing}
        </p>
      )}
    </div>
  );
}

const components = { Header: Top, Footer: Bottom };

export function Thread(props: { state: State; actions: TurnActions; loadOlder: () => void; markRead: () => void }) {
  const { state, actions, markRead } = props;
  const { masked } = useAppearance();
  const list = useRef<VirtuosoHandle>(null);
  const atBottom = useRef(true);
  const [away, setAway] = useState(false);
  const [newBelow, setNewBelow] = useState(false);
  const turns = useMemo(
    () => toTurns(state.messages, state.outbox, state.unreadFrom),
    [state.messages, state.outbox, state.unreadFrom],
  );
  const firstIndex = useFirstIndex(turns);
  const last = turns[turns.length - 1];
  const grown = `${last?.key}/${last?.messages.length}`;

  // What I say comes into view; so does the beginning of its answer, not its end, also while the answer still grows.
  const seen = useRef(grown);
  const following = useRef<string>();
  const stopFollowing = useCallback(() => {
    following.current = undefined;
  }, []);
  useEffect(() => {
    if (seen.current === grown || !last) return;
    seen.current = grown;
    if (last.origin === "customer") {
      following.current = last.key;
      requestAnimationFrame(() => list.current?.scrollTo({ top: Number.MAX_SAFE_INTEGER }));
      return;
    }
    const question = turns[turns.length - 2];
    if (!atBottom.current && following.current !== last.key && following.current !== question?.key) {
      setNewBelow(true);
      return;
    }
    following.current = last.key;
    const index = turns.length - (last.origin === "assistant" && question?.origin === "customer" ? 2 : 1);
    const key = last.key;
    const show = () => {
      if (following.current === key) list.current?.scrollToIndex({ index, align: "start" });
    };
    requestAnimationFrame(show);
    // The list corrects its own place when it has measured what grew, sometimes after us.
    for (const wait of SETTLED_MS) setTimeout(show, wait);
  }, [grown, last, turns]);

  useEffect(() => {
    if (state.typing && atBottom.current && last?.origin === "customer") {
      requestAnimationFrame(() => list.current?.scrollTo({ top: Number.MAX_SAFE_INTEGER }));
    }
  }, [state.typing, last?.origin]);

  useEffect(() => {
    const read = () => {
      if (document.visibilityState === "visible" && atBottom.current) markRead();
    };
    const timer = setTimeout(read, 800);
    document.addEventListener("visibilitychange", read);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", read);
    };
  }, [grown, markRead]);

  const bottomChanged = useCallback(
    (reached: boolean) => {
      atBottom.current = reached;
      setAway(!reached);
      if (reached) {
        setNewBelow(false);
        if (document.visibilityState === "visible") markRead();
      }
    },
    [markRead],
  );

  // The list itself may be silent while scrolling; what is new is read out from here.
  const news = last && last.origin !== "customer" ? asWords(last.messages) : "";
  const context = useMemo<ListContext>(() => ({ state, loadOlder: props.loadOlder }), [state, props.loadOlder]);
  return (
    <main className="thread" aria-label={words.thread.label}>
      <div className="pb-sr" role="log" aria-live="polite">
        {state.typing ? words.typing : shownText(news, masked)}
      </div>
      {turns.length === 0 && !state.typing ? (
        <p className="thread-empty">{words.thread.empty}</p>
      ) : (
        <Virtuoso
          ref={list}
          className="list"
          data={turns}
          context={context}
          components={components}
          firstItemIndex={firstIndex}
          initialTopMostItemIndex={{ index: "LAST", align: "end" }}
          increaseViewportBy={{ top: 800, bottom: 400 }}
          atBottomThreshold={120}
          atBottomStateChange={bottomChanged}
          startReached={props.loadOlder}
          computeItemKey={(_, turn) => turn.key}
          tabIndex={0}
          onWheel={stopFollowing}
          onTouchMove={stopFollowing}
          itemContent={(_, turn) => (
            <TurnView turn={turn} latest={turn === last} manager={state.handoff.manager} actions={actions} />
          )}
        />
      )}
      {away && (
        <button
          type="button"
          className="to-bottom"
          data-new={newBelow}
          aria-label={newBelow ? words.thread.newBelow : words.thread.toBottom}
          onClick={() => list.current?.scrollToIndex({ index: "LAST", align: "end" })}
        >
          <ArrowDown aria-hidden />
          {newBelow && words.thread.newBelow}
        </button>
      )}
    </main>
  );
}
