/** "这里答错了": the right intent, or the right answer. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { App, Form, Input, Modal, Segmented, Select } from "antd";
import { call, explain } from "../net/api";
import { intentsQuery } from "../feedback/queries";
import { words } from "../wording";

const w = words.wrong;

interface Entry {
  kind: "intent" | "answer";
  intent?: string;
  answer?: string;
  note?: string;
}

export function WrongHere(props: { customer: string; message: string; said: string; close: () => void }) {
  const { message } = App.useApp();
  const [form] = Form.useForm<Entry>();
  const kind = Form.useWatch("kind", form) ?? "intent";
  const intents = useQuery(intentsQuery);
  const report = useMutation({
    mutationFn: (entry: Entry) =>
      call("POST", "/feedback", {
        message_id: props.message,
        customer: props.customer,
        kind: entry.kind,
        ...(entry.kind === "intent" ? { intent: entry.intent } : { answer: entry.answer?.trim() }),
        ...(entry.note?.trim() ? { note: entry.note.trim() } : {}),
      }),
    onSuccess: () => {
      void message.success(w.done);
      props.close();
    },
    onError: (error) => void message.error(explain(error)),
  });
  return (
    <Modal open title={w.title} onCancel={props.close} okText={w.send} onOk={() => form.submit()} confirmLoading={report.isPending}>
      <p className="faint">{w.text}</p>
      {props.said && (
        <blockquote className="quote">
          <span className="faint">{w.customerSaid}</span>
          {props.said}
        </blockquote>
      )}
      <Form<Entry> form={form} layout="vertical" requiredMark={false} initialValues={{ kind: "intent" }} onFinish={(entry) => report.mutate(entry)}>
        <Form.Item name="kind" label={w.kind}>
          <Segmented
            block
            options={[
              { value: "intent", label: w.intent },
              { value: "answer", label: w.answer },
            ]}
          />
        </Form.Item>
        {kind === "intent" ? (
          <Form.Item name="intent" label={w.pickIntent} rules={[{ required: true, message: w.intentNeeded }]}>
            <Select
              showSearch
              optionFilterProp="label"
              placeholder={w.pickIntentPlaceholder}
              loading={intents.isPending}
              options={intents.data?.intents.map(({ id, title }) => ({ value: id, label: title }))}
            />
          </Form.Item>
        ) : (
          <Form.Item name="answer" label={w.writeAnswer} rules={[{ required: true, whitespace: true, message: w.answerNeeded }]}>
            <Input.TextArea autoSize={{ minRows: 3, maxRows: 8 }} maxLength={1000} />
          </Form.Item>
        )}
        <Form.Item name="note" label={`${w.note}（${words.optional}）`}>
          <Input maxLength={300} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
