/** Text, card, list and table. */
import { ActionButton } from "./Buttons";
import { MASK, maskText, maskValue } from "./figures";
import { FoldItems, FoldText } from "./Fold";
import { useHost } from "./host";
import type { CardMessage, Column, ListMessage, Message, TableMessage, TextMessage, Tone } from "./messages";
import { words } from "./wording";

/** A value that may be hidden; hidden ones are read aloud as such. */
export function Value(props: { value: string; from: Message; marked?: boolean; tone?: Tone; className?: string }) {
  const { masked } = useHost();
  const shown = masked ? maskValue(props.value, props.from, props.marked) : props.value;
  const tone = props.tone && shown !== MASK ? ` pb-tone-${props.tone}` : "";
  const name = `pb-value${tone} ${props.className ?? ""}`;
  if (shown === MASK) {
    return (
      <span className={name} role="img" aria-label={words.hidden}>
        {MASK}
      </span>
    );
  }
  return <span className={name}>{shown}</span>;
}

/** Words of a message with their amounts hidden where the customer wants that. */
export function useWords(message: Message): (text: string) => string {
  const { masked } = useHost();
  return (text) => (masked && message.privacy !== "public" ? maskText(text) : text);
}

export function Text({ message }: { message: TextMessage }) {
  const say = useWords(message);
  return (
    <div className="pb-text">
      <FoldText>
        {message.text.split(/\n{2,}/).map((paragraph, index) => (
          <p key={index}>{say(paragraph)}</p>
        ))}
      </FoldText>
    </div>
  );
}

export function Card({ message }: { message: CardMessage }) {
  const say = useWords(message);
  const [first, ...others] = message.rows;
  // The first figure of a card is the answer; it stands out when there is more below it.
  const lead = first && others.length > 1 ? first : undefined;
  return (
    <section className="pb-card">
      <header className="pb-card-head">
        <h3>{message.title}</h3>
        {message.subtitle && <p>{say(message.subtitle)}</p>}
      </header>
      {lead && (
        <div className="pb-lead">
          <span className="pb-label">{lead.label}</span>
          <Value value={lead.value} from={message} marked={lead.private} tone={lead.tone} className="pb-lead-value" />
          {lead.note && <span className="pb-note">{say(lead.note)}</span>}
        </div>
      )}
      <FoldItems items={lead ? others : message.rows} limit={8} unit={words.item}>
        {(rows) => (
          <dl className="pb-rows">
            {rows.map((row, index) => (
              <div key={index} className="pb-row">
                <dt>
                  {row.label}
                  {row.note && <span className="pb-note">{say(row.note)}</span>}
                </dt>
                <dd>
                  <Value value={row.value} from={message} marked={row.private} tone={row.tone} />
                </dd>
              </div>
            ))}
          </dl>
        )}
      </FoldItems>
      {message.actions && message.actions.length > 0 && (
        <footer className="pb-actions">
          {message.actions.map((action) => (
            <ActionButton key={action.title} action={action} from={message} />
          ))}
        </footer>
      )}
    </section>
  );
}

export function List({ message }: { message: ListMessage }) {
  const say = useWords(message);
  return (
    <section className="pb-card">
      <header className="pb-card-head">
        <h3>{message.title}</h3>
      </header>
      <FoldItems items={message.items.map((item, index) => ({ ...item, number: index + 1 }))} limit={5} unit={words.item}>
        {(items) => (
          <ol className="pb-list">
            {items.map((item) => (
              <li key={item.number}>
                <span className="pb-number" aria-hidden>
                  {item.number}
                </span>
                <div className="pb-list-body">
                  <div className="pb-list-line">
                    <span className="pb-list-title">{say(item.title)}</span>
                    {item.value && (
                      <Value value={item.value} from={message} marked={item.private} tone={item.tone} />
                    )}
                  </div>
                  {item.text && <p className="pb-list-text">{say(item.text)}</p>}
                  {item.action && <ActionButton action={item.action} from={message} quiet />}
                </div>
              </li>
            ))}
          </ol>
        )}
      </FoldItems>
    </section>
  );
}

const SIGNED = /^\s*([+\-−])\s*[¥￥]?\d/;

/** Colour belongs to gains and losses; money that merely moves (a statement's amounts) stays plain. */
function toneOfCell(column: Column, cell: string): Tone | undefined {
  const sign = words.gainColumns.test(column.title) ? SIGNED.exec(cell)?.[1] : undefined;
  return sign === undefined ? undefined : sign === "+" ? "up" : "down";
}

export function Table({ message }: { message: TableMessage }) {
  return (
    <section className="pb-card">
      <header className="pb-card-head">
        <h3 id={`${message.id}-title`}>{message.title}</h3>
      </header>
      <FoldItems items={message.rows} limit={6} unit={words.row}>
        {(rows) => (
          <div className="pb-table-scroll" tabIndex={0} role="region" aria-labelledby={`${message.id}-title`}>
            <table className="pb-table">
              <thead>
                <tr>
                  {message.columns.map((column) => (
                    <th key={column.key} scope="col" data-align={column.align}>
                      {column.title}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map((row, index) => (
                  <tr key={index}>
                    {message.columns.map((column) => {
                      const cell = row[column.key] ?? "";
                      return (
                        <td key={column.key} data-align={column.align}>
                          <Value value={cell} from={message} marked={column.private} tone={toneOfCell(column, cell)} />
                        </td>
                      );
                    })}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </FoldItems>
    </section>
  );
}
