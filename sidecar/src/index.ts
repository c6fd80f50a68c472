export { readEnv } from "./engine/config/env.ts";
export { ConfigError } from "./engine/config/jsonc.ts";
export type { Settings } from "./engine/config/settings.ts";
export type { Database } from "./engine/db/database.ts";
export { DatabaseLocked } from "./engine/db/embedded/folder.ts";
export { type MemoryDatabaseOptions, openMemoryDatabase } from "./engine/db/memory.ts";
export { type RunningSidecar, type StartOptions, startSidecar } from "./start.ts";
