// What a bank's own page does (docs/embedding.md). Its token comes from the bank's log-in; here from the demo.
async function freshToken() {
  const answer = await fetch("/demo/token", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ customer: "demo-03" }),
  });
  if (!answer.ok) throw new Error(`no token: ${answer.status}`);
  return (await answer.json()).token;
}

const said = document.getElementById("said");
freshToken().then(
  (token) =>
    PeiBan.open({
      token,
      getToken: freshToken,
      container: document.getElementById("assistant"),
      theme: { "--pb-accent": "#7a1626", "--pb-accent-2": "#98243a", "--pb-header": "linear-gradient(118deg, #64101d, #98243a)" },
      onLink: ({ url }) => {
        said.textContent = `小财请银行打开：${url}`;
      },
    }),
  () => {
    said.textContent = "这里不是演示环境，没有演示令牌。";
  },
);
