/** What came of a lead: tap the outcome, tap save. Notes, dates and amounts only where somebody wants them. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, DatePicker, Input, InputNumber } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { Plus, X } from "lucide-react";
import { useRef, useState } from "react";
import { call, explain, get } from "../net/api";
import type { Lead, Outcome } from "../net/types";
import { newId } from "../ui/id";
import { words } from "../wording";

const w = words.today;
const MOST_NOTE = 500;
const MOST_PARTS = 20;
const HIGHEST = "999999999999";

export const outcomesQuery = {
  queryKey: ["outcomes"],
  queryFn: async () => (await get<{ outcomes: Outcome[] }>("/leads/outcomes")).outcomes,
  staleTime: Number.POSITIVE_INFINITY,
};

interface Part {
  key: number;
  name: string;
  amount: string | null;
}

/** Whole yuan and cents as typed, never through a binary number. */
function Amount(props: { id?: string; label: string; value: string | null; onChange: (value: string | null) => void }) {
  return (
    <InputNumber<string>
      id={props.id}
      aria-label={props.label}
      stringMode
      min="0"
      max={HIGHEST}
      precision={2}
      controls={false}
      inputMode="decimal"
      value={props.value}
      onChange={props.onChange}
    />
  );
}

export function ResultEntry({ lead }: { lead: Lead }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const outcomes = useQuery(outcomesQuery);
  const [outcome, setOutcome] = useState<string | null>(null);
  const [note, setNote] = useState("");
  const [next, setNext] = useState<Dayjs | null>(null);
  const [amount, setAmount] = useState<string | null>(null);
  const [parts, setParts] = useState<Part[]>([]);
  // One id an entry: pressing save again after a lost answer writes it once.
  const entry = useRef("");
  const save = useMutation({
    mutationFn: () =>
      call<Lead>("POST", `/leads/${encodeURIComponent(lead.id)}/results`, {
        result_id: entry.current,
        outcome,
        ...(note.trim() ? { note: note.trim() } : {}),
        ...(next ? { next_contact: next.format("YYYY-MM-DD") } : {}),
        ...(amount ? { amount } : {}),
        ...(parts.length ? { allocation: Object.fromEntries(parts.map((part) => [part.name.trim(), part.amount])) } : {}),
      }),
    onSuccess: () => {
      void message.success(w.recorded);
      setOutcome(null);
      setNote("");
      setNext(null);
      setAmount(null);
      setParts([]);
      void client.invalidateQueries({ queryKey: ["leads"] });
      void client.invalidateQueries({ queryKey: ["customer", lead.customer] });
    },
    onError: (error) => void message.error(explain(error)),
  });
  const changed = <T,>(set: (value: T) => void) => (value: T) => {
    // Another content is another entry, unless the first is still on its way.
    entry.current = newId();
    set(value);
  };
  const change = (key: number, patch: Partial<Part>) =>
    changed(setParts)(parts.map((part) => (part.key === key ? { ...part, ...patch } : part)));
  return (
    <div className="result">
      <div className="result-outcomes" role="group" aria-label={w.result}>
        {(outcomes.data ?? []).map((one) => (
          <button
            key={one.id}
            type="button"
            className="chip"
            aria-pressed={outcome === one.id}
            disabled={save.isPending}
            onClick={() => changed(setOutcome)(outcome === one.id ? null : one.id)}
          >
            {one.title}
          </button>
        ))}
      </div>
      {outcome !== null && (
        <form
          className="result-form"
          onSubmit={(event) => {
            event.preventDefault();
            if (parts.some((part) => !part.name.trim() || !part.amount)) void message.warning(w.partNeeded);
            else save.mutate();
          }}
        >
          <label>
            <span>
              {w.note}（{words.optional}）
            </span>
            <Input.TextArea
              value={note}
              onChange={(event) => changed(setNote)(event.target.value)}
              placeholder={w.notePlaceholder}
              autoSize={{ minRows: 1, maxRows: 4 }}
              maxLength={MOST_NOTE}
            />
          </label>
          <div className="result-row">
            <label>
              <span>{w.nextContact}</span>
              <DatePicker
                value={next}
                onChange={changed<Dayjs | null>(setNext)}
                disabledDate={(day) => day.isBefore(dayjs().startOf("day"))}
                inputReadOnly
              />
            </label>
            <label>
              <span>{w.amount}</span>
              <Amount label={w.amount} value={amount} onChange={changed<string | null>(setAmount)} />
            </label>
          </div>
          {parts.map((part) => (
            <div key={part.key} className="result-part">
              <Input
                aria-label={w.part}
                placeholder={w.part}
                maxLength={40}
                value={part.name}
                onChange={(event) => change(part.key, { name: event.target.value })}
              />
              <Amount label={w.amount} value={part.amount} onChange={(value) => change(part.key, { amount: value })} />
              <Button
                type="text"
                aria-label={w.removePart}
                icon={<X aria-hidden size={18} />}
                onClick={() => changed(setParts)(parts.filter(({ key }) => key !== part.key))}
              />
            </div>
          ))}
          <footer>
            <Button
              type="link"
              icon={<Plus aria-hidden size={16} />}
              disabled={parts.length >= MOST_PARTS}
              onClick={() => changed(setParts)([...parts, { key: Date.now(), name: "", amount: null }])}
            >
              {w.allocation}
            </Button>
            <Button type="primary" htmlType="submit" loading={save.isPending}>
              {words.save}
            </Button>
          </footer>
        </form>
      )}
    </div>
  );
}
