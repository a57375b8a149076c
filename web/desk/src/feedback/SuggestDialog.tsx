/** The first person's proposal: more ways to say an intent, more ways to ask for an entry, or a new answer. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Form, Input, Modal, Segmented, Select } from "antd";
import { call, explain } from "../net/api";
import { words } from "../wording";
import { entriesQuery, type Group, intentsQuery } from "./queries";

const w = words.feedback;

interface Entry {
  kind: "intent" | "entry" | "answer";
  text: string;
  intent?: string;
  /** "collection/id" of an entry that is there. */
  entry?: string;
  title?: string;
  answer?: string;
}

function body(entry: Entry): Record<string, string | undefined> {
  const text = entry.text.trim();
  if (entry.kind === "intent") return { text, intent: entry.intent };
  if (entry.kind === "answer") return { text, title: entry.title?.trim(), answer: entry.answer?.trim() };
  const [collection, ...id] = (entry.entry ?? "").split("/");
  return { text, collection, entry: id.join("/") };
}

export function SuggestDialog({ group, close }: { group: Group; close: () => void }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<Entry>();
  const kind = Form.useWatch("kind", form) ?? "intent";
  const intents = useQuery(intentsQuery);
  const entries = useQuery({ ...entriesQuery, enabled: kind === "entry" });
  const suggest = useMutation({
    mutationFn: (entry: Entry) => call("POST", `/feedback/${group.id}/suggest`, body(entry)),
    onSuccess: () => {
      void message.success(w.suggested);
      close();
      void client.invalidateQueries({ queryKey: ["feedback"] });
    },
    // The reason it would do harm is worth reading twice.
    onError: (error) => void message.error(explain(error), 6),
  });
  const before = group.suggestion;
  const reported = group.turns.find((turn) => turn.meant_intent);
  return (
    <Modal open title={w.suggestTitle} onCancel={close} okText={words.wrong.send} onOk={() => form.submit()} confirmLoading={suggest.isPending}>
      <Form<Entry>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{
          kind: before?.answer ? "answer" : before?.entry ? "entry" : "intent",
          text: before?.texts.join("\n") ?? group.text,
          intent: before?.intent || reported?.meant_intent || undefined,
          entry: before?.entry ? `${before.collection}/${before.entry}` : undefined,
          title: before?.title,
          answer: before?.answer,
        }}
        onFinish={(entry) => suggest.mutate(entry)}
      >
        <Form.Item name="kind" label={words.wrong.kind}>
          <Segmented
            block
            options={[
              { value: "intent", label: w.kindIntent },
              { value: "entry", label: w.kindEntry },
              { value: "answer", label: w.kindAnswer },
            ]}
          />
        </Form.Item>
        <Form.Item name="text" label={w.utterance} rules={[{ required: true, whitespace: true, message: w.textNeeded }]}>
          <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} maxLength={5000} />
        </Form.Item>
        {kind === "intent" && (
          <Form.Item name="intent" label={w.intent} rules={[{ required: true, message: words.wrong.intentNeeded }]}>
            <Select
              showSearch
              optionFilterProp="label"
              placeholder={words.wrong.pickIntentPlaceholder}
              loading={intents.isPending}
              options={intents.data?.intents.map(({ id, title }) => ({ value: id, label: title }))}
            />
          </Form.Item>
        )}
        {kind === "entry" && (
          <Form.Item name="entry" label={w.entry} rules={[{ required: true, message: w.entryNeeded }]}>
            <Select
              showSearch
              optionFilterProp="label"
              placeholder={w.entryPlaceholder}
              loading={entries.isPending}
              options={entries.data?.entries.map(({ collection, id, title }) => ({ value: `${collection}/${id}`, label: title }))}
            />
          </Form.Item>
        )}
        {kind === "answer" && (
          <>
            <Form.Item name="title" label={w.answerTitle} rules={[{ required: true, whitespace: true, message: w.textNeeded }]}>
              <Input maxLength={40} />
            </Form.Item>
            <Form.Item name="answer" label={w.answer} rules={[{ required: true, whitespace: true, message: words.wrong.answerNeeded }]}>
              <Input.TextArea autoSize={{ minRows: 3, maxRows: 10 }} maxLength={2000} />
            </Form.Item>
          </>
        )}
      </Form>
    </Modal>
  );
}
