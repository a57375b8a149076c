/** Signed out or signed in; everything else is below. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Spin } from "antd";
import { useEffect, useState } from "react";
import { get, onSignedOut, Problem, setCsrf } from "../net/api";
import type { Me } from "../net/types";
import { MeContext } from "../session";
import { words } from "../wording";
import { Failed } from "./parts";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";

async function whoAmI(): Promise<Me | null> {
  try {
    const me = await get<Me>("/me");
    setCsrf(me.csrf);
    return me;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

export function App() {
  const client = useQueryClient();
  const me = useQuery({ queryKey: ["me"], queryFn: whoAmI, staleTime: Number.POSITIVE_INFINITY });
  const [expired, setExpired] = useState(false);
  useEffect(
    () =>
      onSignedOut(() => {
        setExpired(true);
        client.setQueryData(["me"], null);
      }),
    [client],
  );
  if (me.data === undefined) {
    return (
      <main className="whole-page">
        {me.isError ? <Failed error={me.error} retry={() => void me.refetch()} /> : <Spin aria-label={words.loading} />}
      </main>
    );
  }
  if (me.data === null) {
    return (
      <SignIn
        expired={expired}
        entered={() => {
          setExpired(false);
          // Another account must not see a line of what the last one saw.
          client.removeQueries({ predicate: (query) => query.queryKey[0] !== "me" });
          void me.refetch();
        }}
      />
    );
  }
  return (
    <MeContext.Provider value={me.data}>
      <Shell key={me.data.account} me={me.data} />
    </MeContext.Provider>
  );
}
