import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import type { Logger } from "pino";
import type { SessionConfig } from "../policy/values.ts";
import { createConfigFile } from "./config-file.ts";
import {
  IMPERSONATION_CONFIG_FILE,
  type ImpersonationConfig,
  readImpersonationConfig,
} from "./impersonation-config.ts";
import { ConfigError } from "./jsonc.ts";
import { readSessionConfig, SESSION_CONFIG_FILE } from "./session-config.ts";
import { readSystemConfig, SYSTEM_CONFIG_FILE, type SystemConfig } from "./system-config.ts";

const DEFAULT_DIR = "configs";
const POLL_INTERVAL_MS = 1000;

/** What the configuration files say. A file that is not there counts as empty. */
export interface LoadedConfig {
  readonly session: SessionConfig;
  readonly system: SystemConfig;
  readonly impersonation: ImpersonationConfig;
  /** The names of our files that are there. */
  readonly files: readonly string[];
}

export interface ConfigFiles {
  current(): LoadedConfig;
  /** Calls back after each change that holds, with the names of the files that changed. Returns how to stop that. */
  onChange(listener: (config: LoadedConfig, changed: readonly string[]) => void): () => void;
  /** Calls back, after the log has it, with what is wrong with a change that was not taken over. */
  onRefused(listener: (problems: readonly string[]) => void): () => void;
  /** Looks for changes at once; when it settles they hold. A file that cannot be used is logged, not thrown. */
  reloadNow(): Promise<void>;
  close(): void;
}

export interface ConfigFilesOptions {
  /** The folder of the files. Undefined: `configs`, which need not exist. */
  dir?: string;
  log: Pick<Logger, "info" | "warn" | "error">;
}

/**
 * Reads the configuration files and follows their changes. Rejects with a `ConfigError` that lists all that is wrong.
 * A file that breaks or vanishes later is logged as an error, once, and what it said before goes on to hold.
 */
export async function createConfigFiles({ dir, log }: ConfigFilesOptions): Promise<ConfigFiles> {
  const folder = resolve(dir ?? DEFAULT_DIR);
  const session = createConfigFile(folder, SESSION_CONFIG_FILE, readSessionConfig);
  const system = createConfigFile(folder, SYSTEM_CONFIG_FILE, readSystemConfig);
  const impersonation = createConfigFile(folder, IMPERSONATION_CONFIG_FILE, readImpersonationConfig);
  const files = [session, system, impersonation];
  const changes = createListeners<[LoadedConfig, readonly string[]]>();
  const refusals = createListeners<[readonly string[]]>();

  const load = (): LoadedConfig => ({
    session: session.value(),
    system: system.value(),
    impersonation: impersonation.value(),
    files: files.filter((file) => file.isThere()).map((file) => file.name),
  });

  const update = async () => {
    const changed: string[] = [];
    const problems: string[] = [];
    for (const file of files) {
      const result = await file.update();
      if (result.kind === "failed") problems.push(...result.problems);
      if (result.kind !== "changed") continue;
      changed.push(file.name);
      for (const warning of result.warnings) log.warn({ file: file.name }, warning);
    }
    return { changed, problems };
  };

  reportOtherFiles(
    await listFolder(folder, dir !== undefined),
    files.map((file) => file.name),
    log,
  );
  const { problems } = await update();
  if (problems.length > 0) throw new ConfigError(problems);
  let current = load();

  const reload = async () => {
    const { changed, problems } = await update();
    for (const problem of problems) log.error({ folder }, `${problem}. The settings from before go on to hold.`);
    if (problems.length > 0) refusals.call(problems);
    if (changed.length === 0) return;
    current = load();
    log.info({ files: changed }, "configuration files have changed and hold from now on");
    changes.call(current, changed);
  };

  // One after the other: two at once could take an older text over a newer one.
  let reloads = Promise.resolve();
  const reloadNow = () => {
    reloads = reloads
      .then(reload)
      .catch((error: unknown) => log.error({ err: error }, "a configuration change failed"));
    return reloads;
  };
  // Not fs.watch: it misses changes on network mounts, and in containers where a folder is swapped by a symbolic link.
  let closed = false;
  let timer: NodeJS.Timeout;
  const poll = () => {
    timer = setTimeout(() => reloadNow().then(() => closed || poll()), POLL_INTERVAL_MS).unref();
  };
  poll();

  return {
    current: () => current,
    onChange: changes.add,
    onRefused: refusals.add,
    reloadNow,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

function createListeners<A extends unknown[]>() {
  const listeners = new Set<(...args: A) => void>();
  return {
    add(listener: (...args: A) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    call(...args: A): void {
      for (const listener of listeners) listener(...args);
    },
  };
}

async function listFolder(folder: string, isRequired: boolean): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith(".")).map((entry) => entry.name);
  } catch (error) {
    if (!isRequired) return [];
    throw new ConfigError([`CONFIG_DIR: expected a folder that can be read, got ${folder}. ${error}`]);
  }
}

function reportOtherFiles(found: string[], ours: string[], log: Pick<Logger, "info" | "warn">): void {
  const others = found.filter((name) => !ours.includes(name));
  for (const name of others) {
    const meant = ours.find((file) => file === `${name}c`);
    if (meant) log.warn({ file: name }, `${name} is not read: it has to be named ${meant}`);
  }
  if (others.length > 0) log.info({ files: others }, "files of other features in the configuration folder are ignored");
}

/**
 * Guards a start: a file that this database has been used with and that is gone would silently loosen the policy.
 * Gives the error to stop with, or undefined.
 */
export function missingSeenFiles(seen: readonly string[], present: readonly string[]): ConfigError | undefined {
  const missing = seen.filter((name) => !present.includes(name));
  if (missing.length === 0) return undefined;
  return new ConfigError(
    missing.map(
      (name) =>
        `${name} is missing, but this database has been used with one. Put it back into the folder of CONFIG_DIR; ` +
        'if the built-in settings are meant to hold, put one there that says "{}".',
    ),
  );
}
