export { readEnv, type Settings } from "./config/env.ts";
export { ConfigError } from "./config/jsonc.ts";
export type { Database } from "./db/database.ts";
export { DatabaseLocked } from "./db/embedded.ts";
export { type MemoryDatabaseOptions, openMemoryDatabase } from "./db/memory.ts";
export { type RunningSidecar, type StartOptions, startSidecar } from "./start.ts";
