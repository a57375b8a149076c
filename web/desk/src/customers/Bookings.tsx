/** Appointments: the list, and making one. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, DatePicker, Form, Input, Modal } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { call, explain } from "../net/api";
import type { Booking } from "../net/types";
import { slot } from "../ui/format";
import { Pill } from "../ui/parts";
import { path } from "../ui/route";
import { words } from "../wording";

const w = words.booking;

export function BookingList({ bookings, plain }: { bookings: Booking[]; plain?: boolean }) {
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const cancel = useMutation({
    mutationFn: (id: string) => call("DELETE", `/bookings/${encodeURIComponent(id)}`),
    onSuccess: () => {
      void message.success(w.cancelled);
      void client.invalidateQueries({ queryKey: ["bookings"] });
      void client.invalidateQueries({ queryKey: ["customer"] });
    },
    onError: (error) => void message.error(explain(error)),
  });
  return (
    <ol className="lines bookings">
      {bookings.map((one) => (
        <li key={one.id}>
          <p>
            <time dateTime={one.at}>
              <strong>{slot(one.at)}</strong>
            </time>
            {!one.by && <Pill>{w.byAssistant}</Pill>}
          </p>
          <p>
            {!plain && <a href={path("customers", one.customer)}>{one.customer_name}</a>}
            <span>{one.topic}</span>
          </p>
          {one.note && <p className="faint">{one.note}</p>}
          <Button
            size="small"
            onClick={() =>
              modal.confirm({
                title: w.cancelAsk,
                content: `${one.customer_name} ${slot(one.at)}`,
                okText: w.cancelYes,
                cancelText: w.keep,
                onOk: () => cancel.mutateAsync(one.id).catch(() => undefined),
              })
            }
          >
            {words.cancel}
          </Button>
        </li>
      ))}
    </ol>
  );
}

interface Entry {
  at: Dayjs;
  topic: string;
  note?: string;
}

export function BookDialog(props: { customer: string; name: string; open: boolean; close: () => void }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<Entry>();
  const book = useMutation({
    mutationFn: (entry: Entry) =>
      call("POST", "/bookings", {
        customer: props.customer,
        at: entry.at.second(0).millisecond(0).format("YYYY-MM-DDTHH:mm:ssZ"),
        topic: entry.topic.trim(),
        ...(entry.note?.trim() ? { note: entry.note.trim() } : {}),
      }),
    onSuccess: () => {
      void message.success(w.done);
      form.resetFields();
      props.close();
      void client.invalidateQueries({ queryKey: ["bookings"] });
      void client.invalidateQueries({ queryKey: ["customer", props.customer] });
    },
    onError: (error) => void message.error(explain(error)),
  });
  return (
    <Modal
      open={props.open}
      onCancel={props.close}
      title={`${w.title} · ${props.name}`}
      okText={words.save}
      onOk={() => form.submit()}
      confirmLoading={book.isPending}
      forceRender
    >
      <Form<Entry> form={form} layout="vertical" requiredMark={false} onFinish={(entry) => book.mutate(entry)}>
        <Form.Item
          name="at"
          label={w.at}
          rules={[
            { required: true, message: w.needed },
            { validator: (_, at?: Dayjs) => (!at || at.isAfter(dayjs()) ? Promise.resolve() : Promise.reject(new Error(w.past))) },
          ]}
        >
          <DatePicker
            showTime={{ format: "HH:mm", minuteStep: 15, hideDisabledOptions: true }}
            format="YYYY-MM-DD HH:mm"
            disabledDate={(day) => day.isBefore(dayjs().startOf("day"))}
            inputReadOnly
            className="wide"
          />
        </Form.Item>
        <Form.Item name="topic" label={w.topic} rules={[{ required: true, whitespace: true, message: w.topicNeeded }]}>
          <Input placeholder={w.topicPlaceholder} maxLength={100} />
        </Form.Item>
        <Form.Item name="note" label={`${w.note}（${words.optional}）`}>
          <Input.TextArea autoSize={{ minRows: 2, maxRows: 5 }} maxLength={500} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
