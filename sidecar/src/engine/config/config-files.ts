import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import type { Logger } from "pino";
import type { ImpersonationRules } from "../impersonation/rules.ts";
import type { SessionConfig } from "../policy/values.ts";
import { createConfigFile } from "./config-file.ts";
import { IMPERSONATION_CONFIG_FILE, readImpersonationConfig } from "./impersonation-config.ts";
import { ConfigError } from "./jsonc.ts";
import { readSessionConfig, SESSION_CONFIG_FILE } from "./session-config.ts";
import { readSystemConfig, SYSTEM_CONFIG_FILE, type SystemConfig } from "./system-config.ts";

const DEFAULT_DIR = "configs";
const POLL_INTERVAL_MS = 1000;
/** Without these files, policies would be looser. */
const KEPT = { whenVanished: "earlier" } as const;
const IN_FORCE = {
  earlier: "The earlier settings stay in force.",
  nothing: "What it allowed is no longer allowed.",
} as const;

/** The content of the configuration files. A missing file counts as empty. */
export interface LoadedConfig {
  readonly session: SessionConfig;
  readonly system: SystemConfig;
  readonly impersonation: ImpersonationRules;
  /** The names of our files that exist. */
  readonly files: readonly string[];
}

export interface ConfigFiles {
  current(): LoadedConfig;
  /**
   * Calls back after each change that took effect, with the names of the changed files. Returns a function that stops
   * it.
   */
  onChange(listener: (config: LoadedConfig, changed: readonly string[]) => void): () => void;
  /** Calls back with the problems of a refused change, after they are logged. */
  onRefused(listener: (problems: readonly string[]) => void): () => void;
  /** Whether the newest content of a file was refused, so that an earlier one is in force. */
  isStale(): boolean;
  /** Checks for changes now; they are in force when this resolves. Problems of a file are logged, not thrown. */
  reloadNow(): Promise<void>;
  close(): void;
}

export interface ConfigFilesOptions {
  /** The folder of the files. Undefined: `configs`, which may be missing. */
  dir?: string;
  log: Pick<Logger, "info" | "warn" | "error">;
}

/**
 * Reads the configuration files and follows their changes. Rejects with a `ConfigError` that lists every problem. If a
 * file breaks or vanishes later, one error is logged, and its earlier content stays in force. Only when the one that lets
 * employees act as users has vanished, nobody may.
 */
export async function createConfigFiles({ dir, log }: ConfigFilesOptions): Promise<ConfigFiles> {
  const folder = resolve(dir ?? DEFAULT_DIR);
  const session = createConfigFile(folder, SESSION_CONFIG_FILE, readSessionConfig, KEPT);
  const system = createConfigFile(folder, SYSTEM_CONFIG_FILE, readSystemConfig, KEPT);
  const impersonation = createConfigFile(folder, IMPERSONATION_CONFIG_FILE, readImpersonationConfig, {
    whenVanished: "nothing",
  });
  const files = [session, system, impersonation];
  const changes = createListeners<[LoadedConfig, readonly string[]]>();
  const refusals = createListeners<[readonly string[]]>();
  const stale = new Set<string>();

  const load = (): LoadedConfig => ({
    session: session.value(),
    system: system.value(),
    impersonation: impersonation.value(),
    files: files.filter((file) => file.isThere()).map((file) => file.name),
  });

  const update = async () => {
    const changed: string[] = [];
    const problems: string[] = [];
    const reports: string[] = [];
    for (const file of files) {
      const result = await file.update();
      if (result.kind === "failed") {
        problems.push(...result.problems);
        reports.push(...result.problems.map((problem) => `${problem}. ${IN_FORCE[result.inForce]}`));
        stale.add(file.name);
        if (result.inForce === "nothing") changed.push(file.name);
      }
      if (result.kind !== "changed") continue;
      stale.delete(file.name);
      changed.push(file.name);
      for (const warning of result.warnings) log.warn({ file: file.name }, warning);
    }
    return { changed, problems, reports };
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
    const { changed, problems, reports } = await update();
    for (const report of reports) log.error({ folder }, report);
    if (problems.length > 0) refusals.call(problems);
    if (changed.length === 0) return;
    current = load();
    log.info({ files: changed }, "configuration files have changed; the new settings are in force");
    changes.call(current, changed);
  };

  // One check after the other: two at once could replace a newer text by an older one.
  let reloads = Promise.resolve();
  const reloadNow = () => {
    reloads = reloads
      .then(reload)
      .catch((error: unknown) => log.error({ err: error }, "a configuration change failed"));
    return reloads;
  };
  // Not fs.watch: it misses changes on network mounts, and in containers where a symbolic link swaps the folder.
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
    isStale: () => stale.size > 0,
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
    throw new ConfigError([`CONFIG_DIR: expected a readable folder, got ${folder}. ${error}`]);
  }
}

function reportOtherFiles(found: string[], ours: string[], log: Pick<Logger, "info" | "warn">): void {
  const others = found.filter((name) => !ours.includes(name));
  for (const name of others) {
    const meant = ours.find((file) => file === `${name}c`);
    if (meant) log.warn({ file: name }, `${name} is not read: rename it to ${meant}`);
  }
  if (others.length > 0) log.info({ files: others }, "files of other features in the configuration folder are ignored");
}

/**
 * Guards a start: a missing file that earlier starts on this database had would silently loosen the policy. Returns the
 * error to stop with, or undefined.
 */
export function missingSeenFiles(seen: readonly string[], present: readonly string[]): ConfigError | undefined {
  const missing = seen.filter((name) => !present.includes(name));
  if (missing.length === 0) return undefined;
  return new ConfigError(
    missing.map(
      (name) =>
        `${name} is missing, but this database was used with it before. Put it back into the folder of CONFIG_DIR; ` +
        'if the built-in settings are meant to hold, put one there that says "{}".',
    ),
  );
}
