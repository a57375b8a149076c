/** What stands beside an answer: its sources, disclosures, links and the code to scan. */
import { ChevronRight, Clock3, ExternalLink, FileText, ShieldAlert } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { encode } from "uqr";
import { useHost } from "./host";
import type { DisclosureMessage, LinkMessage, QrMessage, SourceMessage } from "./messages";
import { words } from "./wording";

export function Disclosure({ message }: { message: DisclosureMessage }) {
  return (
    <p className="pb-disclosure">
      <ShieldAlert aria-hidden />
      <span>{message.text}</span>
    </p>
  );
}

/** RFC 3339 → "3月2日 15:00" in the bank's zone; a midnight stands for the whole day. */
function moment(time: string): string {
  const format = new Intl.DateTimeFormat("zh-CN", {
    timeZone: "Asia/Shanghai",
    month: "long",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : format.format(date).replace(/\s*00:00$/, "");
}

export function Source({ message }: { message: SourceMessage }) {
  const line = (
    <>
      <Clock3 aria-hidden />
      {message.text}
    </>
  );
  if (message.items.length === 0) return <p className="pb-source">{line}</p>;
  return (
    <details className="pb-source">
      <summary>
        {line}
        <ChevronRight aria-hidden className="pb-chevron" />
      </summary>
      <ul aria-label={words.source.title}>
        {message.items.map((item) => (
          <li key={item.id}>
            <span>{item.title}</span>
            <span>{words.source.asOf(moment(item.as_of))}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

export function Link({ message }: { message: LinkMessage }) {
  const { open } = useHost();
  if (!open) return null;
  const Icon = message.kind === "article" ? FileText : ExternalLink;
  return (
    <a
      className="pb-link"
      href={message.url}
      target="_blank"
      rel="noopener noreferrer"
      onClick={(event) => {
        event.preventDefault();
        open(message.url, message.kind, message);
      }}
    >
      <span className="pb-link-icon">
        <Icon aria-hidden />
      </span>
      <span className="pb-link-body">
        {message.title}
        <span className="pb-note">{words.link[message.kind]}</span>
      </span>
      <ChevronRight aria-hidden />
    </a>
  );
}

function useSecondsLeft(until: string): number {
  const left = () => Math.max(0, Math.ceil((Date.parse(until) - Date.now()) / 1000));
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    const timer = setInterval(() => setSeconds(left()), 1000);
    return () => clearInterval(timer);
  }, [until]);
  return seconds;
}

export function Qr({ message }: { message: QrMessage }) {
  const left = useSecondsLeft(message.expires_at);
  const { size, path } = useMemo(() => {
    const code = encode(new URL(message.url, window.location.href).href, { ecc: "M", border: 2 });
    const dots = code.data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
    return { size: code.size, path: dots.join("") };
  }, [message.url]);
  return (
    <section className="pb-card pb-qr">
      <h3>{message.title}</h3>
      <svg role="img" aria-label={words.qr.code} viewBox={`0 0 ${size} ${size}`} data-expired={left === 0}>
        <rect width={size} height={size} fill="#fff" />
        <path d={path} fill="#10211f" shapeRendering="crispEdges" />
      </svg>
      <p className="pb-note">{left > 0 ? words.qr.left(left) : words.qr.expired}</p>
    </section>
  );
}
