/** Presence, password, sign out. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, InputNumber, Switch } from "antd";
import { LogOut } from "lucide-react";
import { call, explain } from "../net/api";
import { may, useMe } from "../session";
import { clearDrafts } from "../talk/outbox";
import { Loaded, PageHead, Section } from "../ui/parts";
import { words } from "../wording";
import { usePresence } from "./presence";

const w = words.mine;
const MOST = 10;

function PresenceForm() {
  const { presence, put } = usePresence();
  return (
    <Section title={w.presence}>
      <Loaded query={presence} rows={2}>
        {({ available, capacity }) => (
          <div className="settings">
            <label>
              <span>
                {w.presence}
                <small>{available ? w.presenceOn : w.presenceOff}</small>
              </span>
              <Switch
                aria-label={w.presence}
                checked={available}
                loading={put.isPending}
                onChange={(now) => put.mutate({ available: now, capacity })}
              />
            </label>
            <label>
              <span>{w.capacity}</span>
              <InputNumber
                aria-label={w.capacity}
                min={1}
                max={MOST}
                precision={0}
                value={capacity}
                suffix={w.capacityUnit}
                onChange={(next) => next && put.mutate({ available, capacity: next })}
              />
            </label>
          </div>
        )}
      </Loaded>
    </Section>
  );
}

interface Change {
  old: string;
  new: string;
  repeat: string;
}

function PasswordForm() {
  const { message } = App.useApp();
  const [form] = Form.useForm<Change>();
  const change = useMutation({
    mutationFn: (entry: Change) => call("POST", "/me/password", { old: entry.old, new: entry.new }),
    onSuccess: () => {
      void message.success(w.changed);
      form.resetFields();
    },
    onError: (error) => void message.error(explain(error)),
  });
  const required = [{ required: true, message: w.needed }];
  return (
    <Section title={w.password}>
      <Form<Change> form={form} layout="vertical" requiredMark={false} onFinish={(entry) => change.mutate(entry)}>
        <Form.Item name="old" label={w.oldPassword} rules={required}>
          <Input.Password autoComplete="current-password" maxLength={200} />
        </Form.Item>
        <Form.Item name="new" label={w.newPassword} rules={required}>
          <Input.Password autoComplete="new-password" maxLength={200} />
        </Form.Item>
        <Form.Item
          name="repeat"
          label={w.repeat}
          dependencies={["new"]}
          rules={[
            ...required,
            ({ getFieldValue }) => ({
              validator: (_, value) =>
                !value || value === getFieldValue("new") ? Promise.resolve() : Promise.reject(new Error(w.different)),
            }),
          ]}
        >
          <Input.Password autoComplete="new-password" maxLength={200} />
        </Form.Item>
        <Button htmlType="submit" loading={change.isPending}>
          {words.save}
        </Button>
      </Form>
    </Section>
  );
}

export default function Mine() {
  const me = useMe();
  const client = useQueryClient();
  const { message } = App.useApp();
  const leave = useMutation({
    mutationFn: () => call("DELETE", "/session"),
    onSuccess: () => {
      clearDrafts();
      location.hash = "";
      client.clear();
      client.setQueryData(["me"], null);
    },
    onError: (error) => void message.error(explain(error)),
  });
  return (
    <div className="page narrow-page">
      <PageHead title={me.name} note={`${words.roles[me.role]} · ${w.account} ${me.account}${me.branch ? ` · ${w.branch} ${me.branch}` : ""}`} />
      {may(me, "handoffs") && <PresenceForm />}
      <PasswordForm />
      <Button className="leave" size="large" icon={<LogOut aria-hidden size={18} />} loading={leave.isPending} onClick={() => leave.mutate()}>
        {w.signOut}
      </Button>
    </div>
  );
}
