/** One approved wording to many customers, chosen by tags: who gets it, who does not and why, then send. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, DatePicker, Result, Select } from "antd";
import dayjs from "dayjs";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { call, explain } from "../net/api";
import { when } from "../ui/format";
import { newId } from "../ui/id";
import { Loaded, PageHead, Section } from "../ui/parts";
import { words } from "../wording";
import {
  type Excluded,
  type Preview,
  sendsQuery,
  type TagWords,
  type Template,
  templatesQuery,
  vocabularyQuery,
} from "./queries";

const w = words.groups;
const MOST_TAGS = 5;

interface Condition {
  key: string;
  tag?: string;
  /** Any of them will do. */
  values: string[];
}
interface Choice {
  where: Record<string, string[]>;
  template: string;
  values?: Record<string, string>;
}

const emptyCondition = (): Condition => ({ key: newId(), values: [] });

function Who(props: { tags: TagWords[]; conditions: Condition[]; change: (conditions: Condition[]) => void }) {
  const { conditions, change } = props;
  const patch = (key: string, next: Partial<Condition>) => change(conditions.map((one) => (one.key === key ? { ...one, ...next } : one)));
  return (
    <>
      {conditions.map((one) => {
        const values = props.tags.find(({ tag }) => tag === one.tag)?.values ?? [];
        return (
          <div key={one.key} className="condition">
            <Select
              showSearch
              optionFilterProp="label"
              aria-label={w.tag}
              placeholder={w.tag}
              value={one.tag}
              onChange={(tag: string) => {
                const known = props.tags.find((other) => other.tag === tag)?.values ?? [];
                patch(one.key, { tag, values: known.length === 1 ? known.map(({ value }) => value) : [] });
              }}
              options={props.tags.map(({ tag, name }) => ({
                value: tag,
                label: name,
                disabled: conditions.some((other) => other.key !== one.key && other.tag === tag),
              }))}
            />
            <Select
              mode="multiple"
              maxTagCount="responsive"
              aria-label={w.value}
              placeholder={w.value}
              disabled={!one.tag}
              value={one.values}
              onChange={(chosen: string[]) => patch(one.key, { values: chosen })}
              options={values.map(({ value, title }) => ({ value, label: title || value }))}
            />
            <Button
              type="text"
              aria-label={w.remove}
              disabled={conditions.length === 1}
              icon={<X aria-hidden size={18} />}
              onClick={() => change(conditions.filter(({ key }) => key !== one.key))}
            />
          </div>
        );
      })}
      <Button
        type="link"
        disabled={conditions.length >= MOST_TAGS}
        icon={<Plus aria-hidden size={16} />}
        onClick={() => change([...conditions, emptyCondition()])}
      >
        {w.addTag}
      </Button>
    </>
  );
}

function What(props: {
  templates: Template[];
  template: Template | undefined;
  values: Record<string, string>;
  pick: (id: string) => void;
  fill: (values: Record<string, string>) => void;
}) {
  const { template, values } = props;
  return (
    <>
      <Select
        className="wide"
        aria-label={w.template}
        placeholder={w.templatePlaceholder}
        value={template?.id}
        onChange={props.pick}
        options={props.templates.map(({ id, title }) => ({ value: id, label: title }))}
      />
      {template && <blockquote className="quote">{template.text.join("\n")}</blockquote>}
      {template?.values.map((blank) => (
        <label key={blank.name} className="field">
          <span>{blank.title}</span>
          {blank.type === "day" ? (
            <DatePicker
              inputReadOnly
              disabledDate={(day) => day.isBefore(dayjs().startOf("day"))}
              value={values[blank.name] ? dayjs(values[blank.name]) : null}
              onChange={(day) => props.fill({ ...values, [blank.name]: day ? day.format("YYYY-MM-DD") : "" })}
            />
          ) : (
            <Select
              aria-label={blank.title}
              value={values[blank.name]}
              onChange={(value: string) => props.fill({ ...values, [blank.name]: value })}
              options={blank.options.map((value) => ({ value, label: value }))}
            />
          )}
        </label>
      ))}
    </>
  );
}

function Why({ excluded, reasons }: Excluded) {
  const left = Object.entries(excluded).filter(([, count]) => count > 0);
  if (left.length === 0) return null;
  return (
    <>
      <h3>{w.why}</h3>
      <dl className="reasons">
        {left.map(([reason, count]) => (
          <div key={reason}>
            <dt>{reasons[reason] ?? reason}</dt>
            <dd>{count}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Lately() {
  const sends = useQuery(sendsQuery);
  return (
    <Section title={w.lately}>
      <Loaded query={sends} rows={2}>
        {(data) =>
          data.sends.length === 0 ? (
            <p className="faint">{w.noSends}</p>
          ) : (
            <ol className="lines">
              {data.sends.map((one) => (
                <li key={one.send_id}>
                  <p>
                    <strong>{one.title}</strong>
                    <span>{w.sentTo(one.queued)}</span>
                    <time className="faint">{when(one.at)}</time>
                  </p>
                  <p className="faint">
                    {Object.entries(one.states)
                      .map(([state, count]) => `${w.states[state] ?? state} ${count}`)
                      .join("，")}
                  </p>
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </Section>
  );
}

function Previewed({ preview }: { preview: Preview }) {
  const sum = Object.values(preview.excluded).reduce((total, count) => total + count, 0);
  return (
    <>
      <dl className="counts counts-two">
        <div>
          <dt>{w.reached}</dt>
          <dd>
            {preview.count} <small>{w.people}</small>
          </dd>
        </div>
        <div>
          <dt>{w.excluded}</dt>
          <dd>
            {sum} <small>{w.people}</small>
          </dd>
        </div>
      </dl>
      <Why excluded={preview.excluded} reasons={preview.reasons} />
      {preview.samples.length > 0 && (
        <>
          <h3>{w.samples}</h3>
          {preview.samples.map((sample) => (
            <blockquote key={sample.customer} className="quote">
              <span className="faint">{sample.customer_name}</span>
              {sample.text}
            </blockquote>
          ))}
        </>
      )}
    </>
  );
}

export default function Groups() {
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const vocabulary = useQuery(vocabularyQuery);
  const templates = useQuery(templatesQuery);
  const [conditions, setConditions] = useState<Condition[]>(() => [emptyCondition()]);
  const [template, setTemplate] = useState<string>();
  const [values, setValues] = useState<Record<string, string>>({});
  // What was looked at is what is sent, under one id however often the button is pressed.
  const [seen, setSeen] = useState<{ choice: Choice; preview: Preview; send: string } | null>(null);
  const touched = <T,>(set: (value: T) => void) => (value: T) => {
    setSeen(null);
    set(value);
  };
  const chosen = templates.data?.templates.find(({ id }) => id === template);
  const preview = useMutation({
    mutationFn: (choice: Choice) => call<Preview>("POST", "/groups/preview", choice),
    onSuccess: (data, choice) => setSeen({ choice, preview: data, send: newId() }),
    onError: (error) => void message.error(explain(error)),
  });
  const send = useMutation({
    mutationFn: () => call<{ queued: number }>("POST", "/groups/send", { ...seen?.choice, send_id: seen?.send }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ["sends"] }),
    onError: (error) => void message.error(explain(error)),
  });
  const look = () => {
    const complete = conditions.filter((one) => one.tag && one.values.length > 0);
    if (complete.length < conditions.length || complete.length === 0) return void message.warning(w.needTag);
    if (!chosen) return void message.warning(w.needTemplate);
    const empty = chosen.values.find(({ name }) => !values[name]);
    if (empty) return void message.warning(w.fill(empty.title));
    preview.mutate({
      where: Object.fromEntries(complete.map((one) => [one.tag, one.values])) as Record<string, string[]>,
      template: chosen.id,
      ...(chosen.values.length > 0 ? { values } : {}),
    });
  };
  if (send.isSuccess) {
    return (
      <Result
        status="success"
        title={w.sent(send.data.queued)}
        extra={
          <Button
            onClick={() => {
              send.reset();
              setSeen(null);
              setConditions([emptyCondition()]);
            }}
          >
            {words.back}
          </Button>
        }
      />
    );
  }
  return (
    <div className="page groups">
      <PageHead title={w.heading} note={w.lead} />
      <div className="groups-columns">
        <div>
          <Section title={w.who}>
            <Loaded query={vocabulary} rows={2}>
              {({ tags }) => <Who tags={tags} conditions={conditions} change={touched(setConditions)} />}
            </Loaded>
          </Section>
          <Section title={w.what}>
            <Loaded query={templates} rows={2}>
              {(data) => (
                <What
                  templates={data.templates}
                  template={chosen}
                  values={values}
                  pick={touched((id: string) => {
                    setTemplate(id);
                    setValues({});
                  })}
                  fill={touched(setValues)}
                />
              )}
            </Loaded>
          </Section>
          <Button type={seen ? "default" : "primary"} size="large" loading={preview.isPending} onClick={look}>
            {w.preview}
          </Button>
        </div>
        {!seen && <Lately />}
        {seen && (
          <Section title={w.preview} className="groups-preview">
            <Previewed preview={seen.preview} />
            {seen.preview.count === 0 ? (
              <p className="faint">{w.nobody}</p>
            ) : (
              <Button
                type="primary"
                size="large"
                loading={send.isPending}
                onClick={() =>
                  modal.confirm({
                    title: w.sendAsk(seen.preview.count),
                    content: w.sendText,
                    okText: w.sendYes,
                    cancelText: words.cancel,
                    onOk: () => send.mutateAsync().catch(() => undefined),
                  })
                }
              >
                {w.send}
              </Button>
            )}
          </Section>
        )}
      </div>
    </div>
  );
}
