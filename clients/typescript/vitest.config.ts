// Tests of the client: a fake socket for each rule of the protocol, and a real server where WAYBILL_BIN names one.
import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["tests/**/*.test.ts"], testTimeout: 30_000, hookTimeout: 30_000 } });
