/** Account and password; in demo mode the demo accounts to tap. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Form, Input } from "antd";
import { Check } from "lucide-react";
import { useEffect, useState } from "react";
import { call, explain, get, Problem } from "../net/api";
import type { DemoAccounts } from "../net/types";
import { words } from "../wording";

const w = words.signIn;

interface Entry {
  account: string;
  password: string;
}

async function demoAccounts(): Promise<DemoAccounts | null> {
  try {
    return await get<DemoAccounts>("/demo");
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

const ROLES = Object.keys(words.roles);
const ordered = (accounts: DemoAccounts["accounts"]) =>
  [...accounts].sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role));

/** Seconds still to wait after too many tries. */
function useWait(error: Error | null): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    setLeft(error instanceof Problem && error.retryAfter ? Math.ceil(error.retryAfter) : 0);
  }, [error]);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return left;
}

export function SignIn({ expired, entered }: { expired: boolean; entered: () => void }) {
  const demo = useQuery({ queryKey: ["demo"], queryFn: demoAccounts, staleTime: Number.POSITIVE_INFINITY });
  const signIn = useMutation({
    mutationFn: (entry: Entry) => call("POST", "/session", entry),
    onSuccess: entered,
  });
  const wait = useWait(signIn.error);
  return (
    <main className="sign-in">
      <section className="sign-in-story">
        <img src="/desk/avatar.svg" alt="" width="64" height="64" />
        <p className="sign-in-name">{words.name}</p>
        <p className="sign-in-lead">{w.lead}</p>
        <ul>
          {w.points.map((point) => (
            <li key={point}>
              <Check aria-hidden />
              {point}
            </li>
          ))}
        </ul>
      </section>
      <section className="sign-in-form">
        <h1>{w.heading}</h1>
        {expired && !signIn.error && <Alert type="info" showIcon message={w.expired} />}
        {signIn.error && (
          <Alert
            type="error"
            showIcon
            role="alert"
            message={explain(signIn.error)}
            description={wait > 0 ? w.wait(wait) : undefined}
          />
        )}
        <Form<Entry> layout="vertical" requiredMark={false} onFinish={(entry) => signIn.mutate(entry)} disabled={signIn.isPending}>
          <Form.Item name="account" label={w.account} rules={[{ required: true, whitespace: true, message: w.accountNeeded }]}>
            <Input size="large" autoComplete="username" autoCapitalize="none" spellCheck={false} maxLength={64} autoFocus />
          </Form.Item>
          <Form.Item name="password" label={w.password} rules={[{ required: true, message: w.passwordNeeded }]}>
            <Input.Password size="large" autoComplete="current-password" maxLength={200} />
          </Form.Item>
          <Button type="primary" size="large" block htmlType="submit" loading={signIn.isPending} disabled={wait > 0}>
            {w.enter}
          </Button>
        </Form>
        {demo.data && (
          <div className="sign-in-demo">
            <h2>{w.demo}</h2>
            <div className="sign-in-accounts">
              {ordered(demo.data.accounts).map((one) => (
                <button
                  key={one.account}
                  type="button"
                  disabled={signIn.isPending || wait > 0}
                  onClick={() => signIn.mutate({ account: one.account, password: demo.data?.password ?? "" })}
                >
                  <strong>{one.name}</strong>
                  <span>
                    {words.roles[one.role]} · {one.account}
                  </span>
                </button>
              ))}
            </div>
            <p className="faint">{w.demoNote(demo.data.password)}</p>
          </div>
        )}
      </section>
    </main>
  );
}
