/** The frame around every view: menu at the side (desktop) or below (phone), banner, notices. */
import { useQuery } from "@tanstack/react-query";
import { Alert, Badge, Drawer } from "antd";
import clsx from "clsx";
import {
  ChartNoAxesColumn,
  CircleUserRound,
  Ellipsis,
  type LucideIcon,
  MessageCircle,
  MessagesSquare,
  Sparkles,
  Sun,
  Users,
} from "lucide-react";
import { type ComponentType, lazy, Suspense, useState } from "react";
import type { Me } from "../net/types";
import { may, type Permission } from "../session";
import { handoffsQuery, isWaiting } from "../talk/queries";
import { useHandoffNotices } from "../talk/notices";
import { words } from "../wording";
import { LineContext, useNews, useOnline, useTitleBadge } from "./news";
import { Boundary, Empty, Plate } from "./parts";
import { path, useRoute } from "./route";

type View = Exclude<keyof typeof words.views, "more">;

const VIEWS: { id: View; icon: LucideIcon; needs?: Permission; page: ComponentType<{ parts: string[] }> }[] = [
  { id: "today", icon: Sun, needs: "leads", page: lazy(() => import("../today/Today")) },
  { id: "talk", icon: MessageCircle, needs: "handoffs", page: lazy(() => import("../talk/Talk")) },
  { id: "customers", icon: Users, needs: "customers", page: lazy(() => import("../customers/Customers")) },
  { id: "groups", icon: MessagesSquare, needs: "groups", page: lazy(() => import("../groups/Groups")) },
  { id: "feedback", icon: Sparkles, needs: "feedback", page: lazy(() => import("../feedback/Feedback")) },
  { id: "numbers", icon: ChartNoAxesColumn, needs: "numbers", page: lazy(() => import("../numbers/Numbers")) },
  { id: "mine", icon: CircleUserRound, page: lazy(() => import("../mine/Mine")) },
];
/** What a thumb reaches on a phone; the rest is behind "more". */
const AT_HAND: View[] = ["today", "talk", "customers"];

function Item(props: { view: (typeof VIEWS)[number]; current: boolean; count: number; onClick?: () => void }) {
  const { id, icon: Icon } = props.view;
  return (
    <a
      className={clsx("nav-item", props.current && "nav-current")}
      href={path(id)}
      aria-current={props.current ? "page" : undefined}
      onClick={props.onClick}
    >
      <Badge count={props.count} size="small" offset={[4, 2]}>
        <Icon aria-hidden />
      </Badge>
      <span>{words.views[id]}</span>
    </a>
  );
}

export function Shell({ me }: { me: Me }) {
  const up = useNews();
  const online = useOnline();
  const route = useRoute();
  const [current, ...parts] = route;
  const [more, setMore] = useState(false);
  const allowed = VIEWS.filter((view) => !view.needs || may(me, view.needs));
  const view = allowed.find(({ id }) => id === (current ?? allowed[0]?.id));
  const handoffs = useQuery({ ...handoffsQuery(up), enabled: may(me, "handoffs") });
  const waiting = (handoffs.data?.handoffs ?? []).filter((one) => isWaiting(one, me)).length;
  const unread = (handoffs.data?.handoffs ?? []).reduce((sum, one) => sum + (one.state === "active" ? one.unread : 0), 0);
  useTitleBadge(waiting + unread);
  useHandoffNotices(handoffs.data?.handoffs, me, route);
  const countOf = (id: View) => (id === "talk" ? waiting + unread : 0);
  const Page = view?.page;
  return (
    <LineContext.Provider value={up}>
      <a className="skip" href="#main" onClick={(event) => {
        event.preventDefault();
        document.getElementById("main")?.focus();
      }}>
        {words.skip}
      </a>
      <div className="shell">
        <aside className="side">
          <p className="brand">
            <img src="/desk/avatar.svg" alt="" width="36" height="36" />
            <span>
              <strong>{words.name}</strong>
              {words.place}
            </span>
          </p>
          <nav aria-label={words.nav}>
            {allowed.map((one) => (
              <Item key={one.id} view={one} current={one === view} count={countOf(one.id)} />
            ))}
          </nav>
          <p className="side-me">
            <Plate name={me.name.replace(/^演示/, "")} small />
            <span>
              <strong>{me.name}</strong>
              {words.roles[me.role]}
            </span>
          </p>
        </aside>
        <div className="column">
          {!online ? (
            <Alert banner type="warning" message={words.line.offline} />
          ) : (
            !up && <Alert banner type="info" message={words.line.reconnecting} />
          )}
          <main id="main" tabIndex={-1} data-view={view?.id}>
            <Boundary view={`${view?.id}/${parts.join("/")}`}>
              <Suspense fallback={<div className="skeleton" role="status" aria-label={words.loading} />}>
                {Page ? <Page parts={parts} /> : <Empty text={current && VIEWS.some(({ id }) => id === current) ? words.problems.not_allowed : words.problems.lost} />}
              </Suspense>
            </Boundary>
          </main>
        </div>
        <nav className="tabs" aria-label={words.nav}>
          {allowed
            .filter(({ id }) => AT_HAND.includes(id))
            .map((one) => (
              <Item key={one.id} view={one} current={one === view} count={countOf(one.id)} />
            ))}
          <button
            type="button"
            className={clsx("nav-item", view && !AT_HAND.includes(view.id) && "nav-current")}
            aria-expanded={more}
            onClick={() => setMore(true)}
          >
            <Ellipsis aria-hidden />
            <span>{words.views.more}</span>
          </button>
        </nav>
        <Drawer open={more} onClose={() => setMore(false)} placement="bottom" height="auto" title={me.name} className="more-sheet">
          <nav className="more-views" aria-label={words.views.more}>
            {allowed
              .filter(({ id }) => !AT_HAND.includes(id))
              .map((one) => (
                <Item key={one.id} view={one} current={one === view} count={0} onClick={() => setMore(false)} />
              ))}
          </nav>
        </Drawer>
      </div>
    </LineContext.Provider>
  );
}
