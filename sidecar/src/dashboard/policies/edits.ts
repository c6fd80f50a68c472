import type { Logger } from "pino";
import { readSessionConfig } from "../../engine/config/session-config.ts";
import type { Database } from "../../engine/db/database.ts";
import type { PolicyEdits } from "../../engine/policy/live-policies.ts";
import type { SessionConfig } from "../../engine/policy/values.ts";
import { applyPatch, type PolicyDocument, toDocument, toText } from "./document.ts";
import { createPolicyStore, type FullRevisionRow } from "./store.ts";

/** The edits in force, as this replica knows them. */
export interface FollowedEdits extends PolicyEdits {
  /** Undefined: nothing was edited. */
  current(): FullRevisionRow | undefined;
  /** Checks for a newer revision now; it is in force when this resolves. Rejects if the database does not answer. */
  refresh(): Promise<void>;
  close(): void;
}

/** Every replica applies an edit within a second, even one that receives no notifications. */
const POLL_MS = 500;
const FAILURES_TO_LOG = 3;

/** Applies an edit to a file. Throws a `ConfigError` if they do not fit together. */
export function withEdits(file: SessionConfig, patch: PolicyDocument): SessionConfig {
  return readSessionConfig(toText(applyPatch(toDocument(file), patch))).config;
}

/** Follows the edits in the database. Rejects if they cannot be read: starting without them could loosen a policy. */
export async function followEdits(db: Database, log: Pick<Logger, "error">): Promise<FollowedEdits> {
  const store = createPolicyStore(db);
  const listeners = new Set<() => void>();
  let current = await store.newest();
  let isClosed = false;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;

  async function refresh(): Promise<void> {
    if ((await store.newestNumber()) === (current?.revision ?? 0)) return;
    const newest = await store.newest();
    if (!newest || newest.revision <= (current?.revision ?? 0)) return;
    current = newest;
    for (const listener of listeners) listener();
  }

  function poll(): void {
    timer = setTimeout(async () => {
      try {
        await refresh();
        failures = 0;
      } catch (error) {
        failures++;
        // Logged once for a series of failures: an hour without a database must not log 7,200 lines, and a busy
        // database must not log any.
        if (failures === FAILURES_TO_LOG) {
          log.error({ err: error }, "policy edits cannot be read; the last known ones stay in force");
        }
      }
      if (!isClosed) poll();
    }, POLL_MS).unref();
  }
  poll();

  return {
    current: () => current,
    apply: (file) => (current ? withEdits(file, current.patch) : file),
    onChange: (listener) => void listeners.add(listener),
    refresh,
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
