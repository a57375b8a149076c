import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const shared = fileURLToPath(new URL("../shared", import.meta.url));

export default defineConfig({
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
    target: ["chrome87", "safari14"],
    // A data: font or image would need a wider content policy; files are cached for a year anyway.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // ECharts, loaded with the first chart only.
    chunkSizeWarningLimit: 600,
  },
  server: { proxy: { "/webhooks": "http://127.0.0.1:5005", "/demo": "http://127.0.0.1:5005" } },
});
