import "@shared/styles/index.css";
import "./styles/index.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { App as Kit, ConfigProvider } from "antd";
import locale from "antd/es/locale/zh_CN";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Problem, Unreachable } from "./net/api";
import { App } from "./ui/App";
import { theme } from "./ui/theme";

dayjs.locale("zh-cn");
document.documentElement.dataset.theme = "light";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) =>
        failures < 2 && (error instanceof Unreachable || (error instanceof Problem && error.status >= 500)),
    },
    mutations: { networkMode: "always" },
  },
});

// A new version was put in place while this page was open: its parts have other names now. Not in circles, though.
const RELOADED = "peiban.reloaded";
addEventListener("vite:preloadError", (event) => {
  if (Date.now() - Number(sessionStorage.getItem(RELOADED) ?? 0) < 60_000) return;
  sessionStorage.setItem(RELOADED, String(Date.now()));
  event.preventDefault();
  location.reload();
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <ConfigProvider locale={locale} theme={theme} button={{ autoInsertSpace: false }}>
        <Kit notification={{ placement: "bottomRight", maxCount: 3 }} message={{ maxCount: 2 }}>
          <QueryClientProvider client={client}>
            <App />
          </QueryClientProvider>
        </Kit>
      </ConfigProvider>
    </StrictMode>,
  );
}
