/** Handing the customer back to the assistant, with a summary both of them will remember. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Input, Modal } from "antd";
import { useEffect, useState } from "react";
import { call, explain, get } from "../net/api";
import type { Handoff, Summary } from "../net/types";
import { Loaded } from "../ui/parts";
import { words } from "../wording";

const w = words.talk;
const MOST = 500;

const text = (one: { text: string }): string => one.text;

function Points({ title, points }: { title: string; points: string[] }) {
  if (points.length === 0) return null;
  return (
    <>
      <dt>{title}</dt>
      <dd>
        <ul>
          {points.map((point, index) => (
            <li key={index}>{point}</li>
          ))}
        </ul>
      </dd>
    </>
  );
}

function Figures({ figures }: { figures: Summary["figures_shown"] }) {
  if (figures.length === 0) return null;
  const since = [...new Set(figures.map((one) => one.as_of).filter(Boolean))];
  return (
    <>
      <dt>{w.shown}</dt>
      <dd>
        <ul className="summary-figures">
          {figures.map((one, index) => (
            <li key={index}>
              {one.label ? (
                <>
                  {one.label} <strong>{one.value}</strong>
                </>
              ) : (
                one.value
              )}
            </li>
          ))}
        </ul>
        {since.map((one) => (
          <p key={one} className="faint">
            {one}
          </p>
        ))}
      </dd>
    </>
  );
}

function SummaryView({ summary }: { summary: Summary }) {
  return (
    <dl className="summary">
      <Points title={w.need} points={summary.need ? [summary.need] : []} />
      <Figures figures={summary.figures_shown} />
      <Points title={w.said} points={summary.said.map(text)} />
      <Points title={w.open} points={summary.open.map(text)} />
    </dl>
  );
}

export function ReturnDialog({ handoff, open, close }: { handoff: Handoff; open: boolean; close: () => void }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [written, setWritten] = useState("");
  const summary = useQuery({
    queryKey: ["summary", handoff.id],
    queryFn: () => get<Summary>(`/handoffs/${encodeURIComponent(handoff.id)}/summary`),
    enabled: open,
    staleTime: 0,
    gcTime: 0,
  });
  useEffect(() => {
    if (open) setWritten("");
  }, [open]);
  const giveBack = useMutation({
    mutationFn: () =>
      call<Handoff>("POST", `/handoffs/${encodeURIComponent(handoff.id)}/return`, written.trim() ? { summary: written.trim() } : {}),
    onSuccess: () => {
      void message.success(w.backDone);
      close();
      void client.invalidateQueries({ queryKey: ["handoffs"] });
      void client.invalidateQueries({ queryKey: ["thread", handoff.id] });
    },
    onError: (error) => void message.error(explain(error)),
  });
  return (
    <Modal
      open={open}
      title={`${w.backTitle} · ${handoff.customer_name}`}
      onCancel={close}
      okText={w.back}
      onOk={() => giveBack.mutate()}
      confirmLoading={giveBack.isPending}
    >
      <Loaded query={summary} rows={3}>
        {(data) => <SummaryView summary={data} />}
      </Loaded>
      <label className="field">
        <span>
          {w.backSummary}（{words.optional}）
        </span>
        <Input.TextArea
          value={written}
          onChange={(event) => setWritten(event.target.value)}
          placeholder={w.backPlaceholder}
          maxLength={MOST}
          autoSize={{ minRows: 3, maxRows: 8 }}
        />
      </label>
      <p className="faint">{w.backText}</p>
    </Modal>
  );
}
