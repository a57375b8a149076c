/** What went wrong, grouped by likeness: suggest, have it approved by a second person, see the change. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Input, Modal, Progress, Segmented, Select } from "antd";
import { useState } from "react";
import { call, explain } from "../net/api";
import { may, useMe } from "../session";
import { dayOf, when } from "../ui/format";
import { Loaded, PageHead, Pill } from "../ui/parts";
import { words } from "../wording";
import { PatchDialog } from "./PatchDialog";
import { type FeedbackState, type Group, groupsQuery, intentsQuery } from "./queries";
import { SuggestDialog } from "./SuggestDialog";

const w = words.feedback;
const STATES: FeedbackState[] = ["open", "suggested", "approved", "dismissed"];
const POLL_MS = 5_000;

function useTitles(): (intent: string) => string {
  const intents = useQuery(intentsQuery);
  return (intent) => intents.data?.intents.find(({ id }) => id === intent)?.title ?? intent;
}

function DismissDialog({ group, close }: { group: Group; close: () => void }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [why, setWhy] = useState("");
  const dismiss = useMutation({
    mutationFn: () => call("POST", `/feedback/${group.id}/dismiss`, { why: why.trim() }),
    onSuccess: () => {
      void message.success(w.dismissed);
      close();
      void client.invalidateQueries({ queryKey: ["feedback"] });
    },
    onError: (error) => void message.error(explain(error)),
  });
  return (
    <Modal
      open
      title={w.dismissWhy}
      onCancel={close}
      okText={w.dismiss}
      okButtonProps={{ disabled: !why.trim() }}
      onOk={() => dismiss.mutate()}
      confirmLoading={dismiss.isPending}
    >
      <Input.TextArea
        aria-label={w.dismissWhy}
        placeholder={w.dismissNeeded}
        value={why}
        onChange={(event) => setWhy(event.target.value)}
        maxLength={200}
        autoSize={{ minRows: 2, maxRows: 5 }}
      />
    </Modal>
  );
}

function GroupCard({ group, state, titleOf }: { group: Group; state: FeedbackState; titleOf: (intent: string) => string }) {
  const me = useMe();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [dialog, setDialog] = useState<"suggest" | "dismiss" | "patch" | null>(null);
  const approve = useMutation({
    mutationFn: () => call("POST", `/feedback/${group.id}/approve`, { suggestion: group.suggestion?.id }),
    onSuccess: () => {
      void message.success(w.approved);
      void client.invalidateQueries({ queryKey: ["feedback"] });
    },
    onError: (error) => void message.error(explain(error)),
  });
  const cancel = useMutation({
    mutationFn: () => call("POST", `/feedback/${group.id}/cancel`),
    onSuccess: () => void client.invalidateQueries({ queryKey: ["feedback"] }),
    onError: (error) => void message.error(explain(error)),
  });
  const { suggestion } = group;
  const own = suggestion?.by === me.account;
  const guessed = group.intents.filter(Boolean).map(titleOf);
  return (
    <article className="feedback" aria-label={group.text}>
      <header>
        <Pill tone="accent">{w.kinds[group.kind] ?? group.kind}</Pill>
        <span>{w.count(group.count)}</span>
        <span className="faint">{w.between(dayOf(group.first), dayOf(group.last))}</span>
      </header>
      <p className="feedback-text">{group.text}</p>
      {guessed.length > 0 && (
        <p className="faint">
          {w.guessed}：{guessed.join("、")}
        </p>
      )}
      {group.turns.length > 0 && (
        <details>
          <summary>{w.examples}</summary>
          <ol className="lines">
            {group.turns.map((turn, index) => (
              <li key={index}>
                <p>
                  {turn.text}
                  <time className="faint">{when(turn.at)}</time>
                </p>
                {turn.answer && (
                  <p className="faint">
                    {w.answered}：{turn.answer}
                  </p>
                )}
                {turn.meant && (
                  <p className="faint">
                    {w.meant}：{turn.meant}
                  </p>
                )}
                {turn.reason && (
                  <p className="faint">
                    {w.said}：{turn.reason}
                  </p>
                )}
              </li>
            ))}
          </ol>
        </details>
      )}
      {suggestion && (
        <div className="feedback-suggestion">
          <p>
            <strong>{suggestion.intent ? titleOf(suggestion.intent) : suggestion.title || w.kindAnswer}</strong>{" "}
            <span className="faint">{w.by(suggestion.by_name)}</span>
          </p>
          {suggestion.texts.map((text) => (
            <p key={text}>“{text}”</p>
          ))}
          {suggestion.answer && <p>{suggestion.answer}</p>}
        </div>
      )}
      {group.job && (
        <div role="status">
          {group.job.state === "running" || group.job.state === "queued" ? (
            <Progress percent={Math.round((group.job.progress ?? 0) * 100)} format={() => group.job?.title} />
          ) : (
            <p className={group.job.state === "failed" ? "feedback-failed" : "faint"}>
              {group.job.title}
              {group.job.reason && `：${group.job.reason}`}
            </p>
          )}
        </div>
      )}
      {state === "dismissed" && group.why && <p className="faint">{group.why}</p>}
      <footer>
        {state === "open" && may(me, "feedback_suggest") && (
          <Button type="primary" onClick={() => setDialog("suggest")}>
            {w.suggest}
          </Button>
        )}
        {state === "suggested" && may(me, "feedback_approve") && (
          <Button type="primary" disabled={own} loading={approve.isPending} onClick={() => approve.mutate()}>
            {w.approve}
          </Button>
        )}
        {group.job?.state === "done" && <Button onClick={() => setDialog("patch")}>{w.patch}</Button>}
        {(group.job?.state === "running" || group.job?.state === "queued") && may(me, "feedback_approve") && (
          <Button loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {w.stop}
          </Button>
        )}
        {state === "suggested" && may(me, "feedback_suggest") && (
          <Button onClick={() => setDialog("suggest")}>{w.change}</Button>
        )}
        {(state === "open" || state === "suggested") && may(me, "feedback_suggest") && (
          <Button onClick={() => setDialog("dismiss")}>{w.dismiss}</Button>
        )}
        {state === "suggested" && <span className="faint">{own ? w.ownSuggestion : w.approveNote}</span>}
      </footer>
      {dialog === "suggest" && <SuggestDialog group={group} close={() => setDialog(null)} />}
      {dialog === "dismiss" && <DismissDialog group={group} close={() => setDialog(null)} />}
      {dialog === "patch" && <PatchDialog id={group.id} close={() => setDialog(null)} />}
    </article>
  );
}

export default function Feedback() {
  const [state, setState] = useState<FeedbackState>("open");
  const [kind, setKind] = useState<string>();
  const titleOf = useTitles();
  const groups = useQuery({
    ...groupsQuery(state, kind),
    // A trial training runs for a minute or two.
    refetchInterval: ({ state: { data } }) =>
      data?.groups.some(({ job }) => job?.state === "queued" || job?.state === "running") ? POLL_MS : false,
  });
  return (
    <div className="page">
      <PageHead title={w.heading} note={w.lead} />
      <div className="filters">
        <div className="scroller">
          <Segmented
            aria-label={w.stateLabel}
            value={state}
            onChange={setState}
            options={STATES.map((value) => ({ value, label: w.states[value] }))}
          />
        </div>
        <Select
          allowClear
          aria-label={w.kindLabel}
          placeholder={w.allKinds}
          value={kind}
          onChange={setKind}
          options={Object.entries(w.kinds).map(([value, label]) => ({ value, label }))}
        />
      </div>
      <Loaded query={groups} empty={w.empty[state]} isEmpty={(data) => data.groups.length === 0} rows={8}>
        {(data) => (
          <div className="stack">
            {data.groups.map((group) => (
              <GroupCard key={group.id} group={group} state={state} titleOf={titleOf} />
            ))}
          </div>
        )}
      </Loaded>
    </div>
  );
}
