/** Who the page is for: the customer that the host signs in, or in the demo one that is picked. */
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { askForToken, hasHost, type OpenOptions, waitForHost } from "../host";
import { type DemoCustomer, demoCustomers, demoToken, explain } from "../net/api";
import { createSession, type Session } from "../net/session";
import { words } from "../wording";
import { Chat } from "./Chat";
import { Header } from "./Header";
import { Picker } from "./Picker";

const Gallery = lazy(() => import("./Gallery"));
const CHOSEN = "peiban.demo";
const query = new URLSearchParams(location.search);

interface Entered {
  session: Session;
  note?: string;
  demo?: DemoCustomer;
}

export function App() {
  const [entered, setEntered] = useState<Entered>();
  const [customers, setCustomers] = useState<DemoCustomer[] | null>();
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState<string | null>(null);

  const pick = useCallback(async (demo: DemoCustomer) => {
    setBusy(demo.id);
    setProblem("");
    try {
      const token = await demoToken(demo.id);
      sessionStorage.setItem(CHOSEN, demo.id);
      const session = createSession(token, () => demoToken(demo.id), demo.topics ?? words.defaultTopics);
      setEntered({ session, note: demo.title, demo });
    } catch (error) {
      setProblem(explain(error));
    } finally {
      setBusy(null);
    }
  }, []);

  const findCustomers = useCallback(async () => {
    setProblem("");
    try {
      const found = await demoCustomers();
      setCustomers(found);
      const before = found?.find((one) => one.id === sessionStorage.getItem(CHOSEN));
      if (before) await pick(before);
    } catch (error) {
      setProblem(explain(error));
    }
  }, [pick]);

  useEffect(() => {
    const opened = (options: OpenOptions) => {
      const source = options.getToken ? async () => (await options.getToken?.()) ?? "" : askForToken;
      setEntered({ session: createSession(options.token, source, options.topics ?? words.defaultTopics) });
    };
    waitForHost(opened);
    if (!hasHost()) void findCustomers();
  }, [findCustomers]);

  if (query.has("gallery") && customers) {
    return (
      <Suspense fallback={null}>
        <Gallery />
      </Suspense>
    );
  }
  if (entered) {
    const { demo } = entered;
    const leave = () => {
      sessionStorage.removeItem(CHOSEN);
      // A fresh start: nothing of one customer may stay in memory for the next.
      location.replace("/");
    };
    return (
      <Chat
        key={entered.session.customer}
        session={entered.session}
        note={entered.note}
        bind={query.get("bind")}
        onLeave={demo && leave}
        onSignIn={demo && (() => void pick(demo).then(() => undefined))}
      />
    );
  }
  if (customers && !(sessionStorage.getItem(CHOSEN) && busy)) {
    return <Picker customers={customers} busy={busy} problem={problem} onPick={(one) => void pick(one)} />;
  }
  return <Waiting problem={problem} late={customers === null} retry={() => void findCustomers()} />;
}

function Waiting({ problem, late, retry }: { problem: string; late: boolean; retry: () => void }) {
  return (
    <div className="app">
      <Header />
      <main className="state" role="status">
        {problem ? (
          <>
            <p>{problem}</p>
            <button type="button" className="button" onClick={retry}>
              {words.thread.retry}
            </button>
          </>
        ) : (
          <p>{late ? words.waitingForHost.late : words.waitingForHost.text}</p>
        )}
      </main>
    </div>
  );
}
