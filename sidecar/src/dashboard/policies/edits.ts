import type { Logger } from "pino";
import { readSessionConfig } from "../../engine/config/session-config.ts";
import type { Database } from "../../engine/db/database.ts";
import type { PolicyEdits } from "../../engine/policy/live-policies.ts";
import type { SessionConfig } from "../../engine/policy/values.ts";
import { applyPatch, type PolicyDocument, toDocument, toText } from "./document.ts";
import { createPolicyStore, type FullRevisionRow } from "./store.ts";

/** The edits that hold now, as this replica knows them. */
export interface FollowedEdits extends PolicyEdits {
  /** Undefined: there was none. */
  current(): FullRevisionRow | undefined;
  /** Looks for a newer revision at once; when it settles that one holds. Rejects where the database does not answer. */
  refresh(): Promise<void>;
  close(): void;
}

/** Every replica has an edit within a second, also one that hears no notifications. */
const POLL_MS = 500;
const FAILURES_TO_TELL = 3;

/** What a file and an edit make together. Throws a `ConfigError` where they do not fit. */
export function withEdits(file: SessionConfig, patch: PolicyDocument): SessionConfig {
  return readSessionConfig(toText(applyPatch(toDocument(file), patch))).config;
}

/** Follows the edits in the database. Rejects where they cannot be read: to start without them could loosen a policy. */
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
        // Once for a row of failures: a database that is away for an hour is not 7,200 lines, and one that was busy is none.
        if (failures === FAILURES_TO_TELL) {
          log.error({ err: error }, "edits of the policy cannot be read; the last known ones hold");
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
