import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopAfterFile } from "./leftovers.ts";
import { SWITCHED_ENV } from "./switches.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

/** Accepted by every sidecar of a test, unless its environment says otherwise. */
export const TEST_INTEGRATION_KEY = "api_test0123456789abcdefghijklmnopqrstuvwxyz";

export interface TestSidecarOptions {
  /** The content of session_config.jsonc; text is written as it is. */
  config?: object | string;
  /** The content of other configuration files, by their names. */
  configFiles?: Readonly<Record<string, object | string>>;
  /** Further or other environment variables; undefined leaves one out. */
  env?: Record<string, string | undefined>;
  /** A database to share with other sidecars. Default: a new one. */
  database?: TestDatabase;
}

export interface SidecarEnvironment {
  env: Record<string, string>;
  /** Accepted by the sidecar that starts with it. */
  integrationKey: string;
  database: TestDatabase;
  /** Changes one of the configuration files while the sidecar runs. */
  writeConfig(content: object | string, file?: string): Promise<void>;
}

const SESSION_CONFIG = "session_config.jsonc";

/** Everything a sidecar needs before it starts: a database and a folder with its configuration. */
export async function prepareSidecarEnvironment(options: TestSidecarOptions): Promise<SidecarEnvironment> {
  const database = options.database ?? (await createTestDatabase());
  const configDir = await mkdtemp(join(tmpdir(), "byo-config-"));
  stopAfterFile(() => rm(configDir, { recursive: true, force: true }));

  async function writeConfig(content: object | string, file = SESSION_CONFIG): Promise<void> {
    await writeFile(join(configDir, file), typeof content === "string" ? content : JSON.stringify(content, null, 2));
  }
  await writeConfig(options.config ?? {});
  for (const [file, content] of Object.entries(options.configFiles ?? {})) await writeConfig(content, file);
  const variables: Record<string, string | undefined> = {
    HOST: "127.0.0.1",
    PORT: "0",
    CONFIG_DIR: configDir,
    DATA_DIR: join(configDir, "data"),
    INITIAL_INTEGRATION_KEY: TEST_INTEGRATION_KEY,
    LOG_LEVEL: "debug",
    ...SWITCHED_ENV,
    ...database.env,
    ...options.env,
  };
  const set = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const env = Object.fromEntries(set);
  return { env, integrationKey: env.INITIAL_INTEGRATION_KEY ?? TEST_INTEGRATION_KEY, database, writeConfig };
}
