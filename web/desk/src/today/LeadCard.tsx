/** One lead: why, what it rests on, how to begin, and the result in two taps. */
import { App, Button } from "antd";
import { ChevronDown, Clock3, Copy } from "lucide-react";
import { useId, useState } from "react";
import type { Lead } from "../net/types";
import { copy } from "../ui/copy";
import { roughly, when } from "../ui/format";
import { Pill, Plate } from "../ui/parts";
import { path } from "../ui/route";
import { words } from "../wording";
import { ResultEntry } from "./ResultEntry";
import { Results } from "./Results";

const w = words.today;
const URGENT_HOURS = 24;

function Left({ hours }: { hours: number }) {
  const urgent = hours <= URGENT_HOURS;
  return (
    <span className="left" data-urgent={urgent}>
      <Clock3 aria-hidden />
      {hours <= 0 ? w.over : w.left(hours)}
    </span>
  );
}

export function LeadCard({ lead, open: opened, plain }: { lead: Lead; open?: boolean; plain?: boolean }) {
  const { message } = App.useApp();
  const [open, setOpen] = useState(opened ?? false);
  const body = useId();
  const waits = lead.state === "open" || lead.state === "contacted";
  return (
    <article className="lead" data-state={lead.state} aria-label={`${lead.customer_name} ${lead.title}`}>
      <header className="lead-head">
        {!plain && <Plate name={lead.customer_name} />}
        <div className="lead-who">
          {!plain && (
            <a href={path("customers", lead.customer)} className="lead-name">
              {lead.customer_name}
            </a>
          )}
          <Pill tone="accent">{lead.title}</Pill>
          {lead.stage && <span className="faint">{words.customers.stages[lead.stage] ?? lead.stage}</span>}
        </div>
        <div className="lead-side">
          {Number(lead.value) > 0 && (
            <strong title={`${w.value} ${lead.value}`}>{roughly(lead.value)}</strong>
          )}
          {waits ? <Left hours={lead.expires_in_hours} /> : <Pill>{w.states[lead.state]}</Pill>}
        </div>
      </header>
      <p className="lead-reason">{lead.reason}</p>
      <button type="button" className="fold" aria-expanded={open} aria-controls={body} onClick={() => setOpen(!open)}>
        <ChevronDown aria-hidden />
        {open ? w.foldIt : `${w.evidence}、${w.talk}`}
      </button>
      <div id={body} className="lead-body" hidden={!open}>
        {lead.evidence.length > 0 && (
          <div>
            <h3>{w.evidence}</h3>
            <ul className="lead-evidence">
              {lead.evidence.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </div>
        )}
        {lead.talk.length > 0 && (
          <div>
            <h3>{w.talk}</h3>
            {lead.talk.map((line) => (
              <blockquote key={line} className="lead-talk">
                <p>{line}</p>
                <Button
                  type="text"
                  size="small"
                  icon={<Copy aria-hidden size={16} />}
                  aria-label={w.copy}
                  onClick={async () => {
                    if (await copy(line)) void message.success(w.copied);
                    else void message.error(w.copyFailed);
                  }}
                />
              </blockquote>
            ))}
          </div>
        )}
        {lead.results && lead.results.length > 0 && (
          <div>
            <h3>{w.history}</h3>
            <Results results={lead.results} />
          </div>
        )}
        <p className="faint">{when(lead.created_at)}</p>
      </div>
      {waits && <ResultEntry lead={lead} />}
    </article>
  );
}
