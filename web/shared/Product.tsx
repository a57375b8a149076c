/** A product: what it is, why it fits this customer, what speaks against it. Never its benchmark first. */
import { CircleAlert, CircleCheck, ExternalLink } from "lucide-react";
import { useWords } from "./Blocks";
import { FoldItems } from "./Fold";
import { useHost } from "./host";
import type { ProductMessage } from "./messages";
import { words } from "./wording";

const w = words.product;
/** Longer facts (a scale of fees) take a line of their own. */
const SHORT_FACT = 12;

export function Product({ message }: { message: ProductMessage }) {
  const host = useHost();
  const say = useWords(message);
  const facts = [
    ...(message.term ? [{ label: w.term, value: message.term }] : []),
    ...(message.minimum ? [{ label: w.minimum, value: message.minimum }] : []),
    ...message.facts,
  ];
  return (
    <section className="pb-card pb-product">
      <header className="pb-card-head">
        <h3>{message.name}</h3>
        <p className="pb-tags">
          <span className="pb-risk" data-risk={message.risk}>
            {words.risk(message.risk)}
          </span>
          <span className="pb-tag">{message.asset_class}</span>
          <span className="pb-code" aria-label={`${w.code} ${message.code}`}>
            {message.code}
          </span>
        </p>
      </header>
      {facts.length > 0 && (
        <FoldItems items={facts} limit={6} unit={words.item}>
          {(shown) => (
            <dl className="pb-facts">
              {shown.map((fact) => (
                <div key={fact.label} data-long={fact.value.length > SHORT_FACT}>
                  <dt>{fact.label}</dt>
                  <dd>{fact.value}</dd>
                </div>
              ))}
            </dl>
          )}
        </FoldItems>
      )}
      {message.reasons.length > 0 && (
        <div className="pb-why">
          <h4>{w.reasons}</h4>
          <ul>
            {message.reasons.map((reason) => (
              <li key={reason}>
                <CircleCheck aria-hidden />
                {say(reason)}
              </li>
            ))}
          </ul>
        </div>
      )}
      {message.cautions.length > 0 && (
        <div className="pb-why pb-cautions">
          <h4>{w.cautions}</h4>
          <ul>
            {message.cautions.map((caution) => (
              <li key={caution}>
                <CircleAlert aria-hidden />
                {say(caution)}
              </li>
            ))}
          </ul>
        </div>
      )}
      {message.benchmark && (
        <div className="pb-benchmark">
          <p>
            <span className="pb-label">{w.benchmark}</span> <strong>{message.benchmark.text}</strong>
          </p>
          <p className="pb-note">
            {w.basis}：{message.benchmark.basis}
          </p>
        </div>
      )}
      {message.link && host.purchase && (
        <footer className="pb-actions pb-purchase">
          <button type="button" className="pb-action pb-primary" onClick={() => host.purchase?.(message)}>
            {w.purchase}
            <ExternalLink aria-hidden />
          </button>
          <p className="pb-note">{w.purchaseNote}</p>
        </footer>
      )}
    </section>
  );
}
