/** The first person's proposal: one more way to say an intent, or an answer. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Form, Input, Modal, Segmented, Select } from "antd";
import { call, explain } from "../net/api";
import { words } from "../wording";
import { type Group, intentsQuery } from "./queries";

const w = words.feedback;

interface Entry {
  kind: "intent" | "answer";
  intent?: string;
  text: string;
  answer?: string;
}

export function SuggestDialog({ group, close }: { group: Group; close: () => void }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<Entry>();
  const kind = Form.useWatch("kind", form) ?? "intent";
  const intents = useQuery(intentsQuery);
  const suggest = useMutation({
    mutationFn: (entry: Entry) =>
      call("POST", `/feedback/${encodeURIComponent(group.id)}/suggest`, {
        text: entry.text.trim(),
        ...(entry.kind === "intent" ? { intent: entry.intent } : { answer: entry.answer?.trim() }),
      }),
    onSuccess: () => {
      void message.success(w.suggested);
      close();
      void client.invalidateQueries({ queryKey: ["feedback"] });
    },
    onError: (error) => void message.error(explain(error)),
  });
  return (
    <Modal open title={w.suggestTitle} onCancel={close} okText={words.wrong.send} onOk={() => form.submit()} confirmLoading={suggest.isPending}>
      <Form<Entry>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ kind: "intent", text: group.text }}
        onFinish={(entry) => suggest.mutate(entry)}
      >
        <Form.Item name="kind" label={words.wrong.kind}>
          <Segmented
            block
            options={[
              { value: "intent", label: w.kindIntent },
              { value: "answer", label: w.kindAnswer },
            ]}
          />
        </Form.Item>
        <Form.Item name="text" label={w.utterance} rules={[{ required: true, whitespace: true, message: w.textNeeded }]}>
          <Input.TextArea autoSize={{ minRows: 1, maxRows: 4 }} maxLength={200} />
        </Form.Item>
        {kind === "intent" ? (
          <Form.Item name="intent" label={w.intent} rules={[{ required: true, message: words.wrong.intentNeeded }]}>
            <Select
              showSearch
              optionFilterProp="label"
              placeholder={words.wrong.pickIntentPlaceholder}
              loading={intents.isPending}
              options={intents.data?.intents.map(({ id, title }) => ({ value: id, label: title }))}
            />
          </Form.Item>
        ) : (
          <Form.Item name="answer" label={w.answer} rules={[{ required: true, whitespace: true, message: words.wrong.answerNeeded }]}>
            <Input.TextArea autoSize={{ minRows: 3, maxRows: 8 }} maxLength={1000} />
          </Form.Item>
        )}
      </Form>
    </Modal>
  );
}
