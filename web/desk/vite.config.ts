import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const shared = fileURLToPath(new URL("../shared", import.meta.url));

export default defineConfig({
  base: "/desk/",
  plugins: [react()],
  resolve: {
    alias: [
      { find: /^@shared$/, replacement: `${shared}/index.ts` },
      { find: /^@shared\//, replacement: `${shared}/` },
    ],
    // The renderer lies outside this folder and brings no libraries of its own.
    dedupe: ["react", "react-dom", "echarts", "lucide-react", "uqr"],
  },
  build: {
    // Managers sit at the bank's own machines; antd's selectors want these at least.
    target: ["chrome92", "safari15"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  server: { proxy: { "/desk/api": `http://127.0.0.1:${process.env.PEIBAN_DESK_PORT ?? "5006"}` } },
});
