// How the dashboard is built: one shell, one chunk a page, everything from its own origin.

import { fileURLToPath } from "node:url";
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.WAYBILL_URL ?? "http://127.0.0.1:8377";
const client = fileURLToPath(new URL("../clients/typescript/src/index.ts", import.meta.url));
const src = fileURLToPath(new URL("./src", import.meta.url));

export default defineConfig({
  plugins: [react(), tailwind()],
  resolve: { alias: { "@waybill": client, "@": src } },
  build: {
    outDir: "dist/site",
    assetsDir: "app",
    emptyOutDir: true,
    target: "es2023",
    // Nothing inline: the policy of the pages forbids it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { "/v1": { target: server, ws: true }, "/readyz": server } },
  test: { include: ["src/**/*.test.ts"], environment: "happy-dom", setupFiles: ["src/test-setup.ts"] },
});
