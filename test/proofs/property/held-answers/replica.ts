import type { ValidateSessionData } from "@byo-session/core/contract";
import type { Notice } from "@byo-session/core/frames";
import { readSessionConfig } from "../../../../sidecar/src/engine/config/session-config.ts";
import type { Database } from "../../../../sidecar/src/engine/db/database.ts";
import { createSessionNotifications } from "../../../../sidecar/src/engine/db/session-notifications.ts";
import { createHoldChannel, type HoldChannel } from "../../../../sidecar/src/engine/fast-path/hold-channel.ts";
import { createInterestTable } from "../../../../sidecar/src/engine/holds/interest.ts";
import { createEnvelope } from "../../../../sidecar/src/engine/keys/envelope.ts";
import { withClientAddress } from "../../../../sidecar/src/engine/policy/client-address.ts";
import { createPolicyBook } from "../../../../sidecar/src/engine/policy/policy.ts";
import type { SessionDependencies } from "../../../../sidecar/src/engine/sessions/dependencies.ts";
import { createSessionCache } from "../../../../sidecar/src/engine/sessions/read/cache.ts";
import { createValidation } from "../../../../sidecar/src/engine/sessions/validate/validate.ts";
import type { Rules } from "./breaks.ts";
import { BEGIN_MS, type VirtualDatabase, versionOf } from "./database.ts";
import type { Machine } from "./machine.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** A sidecar: its own notifications, cache, interests, validation and channels over a database and a network of the test. */
export interface VirtualReplica {
  readonly name: string;
  readonly machine: Machine;
  /** Another end of the fast path. */
  connect(notify: (notice: Notice, content: unknown) => void): HoldChannel;
  /** Writes the answer as it goes over the wire; undefined: refused. */
  validate(channel: HoldChannel, data: ValidateSessionData, write: (body: object | undefined) => void): Promise<void>;
  /** Ends a session, as the sidecar does on behalf of an application; gives the version that it has then. */
  end(id: string): Promise<number>;
  reviseThePolicy(): void;
  readonly counts: { granted: number; forgets: number; beats: number; unvouched: number };
}

const NOTHING: Database = {
  kind: "postgres",
  query: async () => [],
  transaction: (work) => work({ query: async () => [] }),
  maintenance: () => Promise.reject(new Error("not here")),
  listen: () => Promise.reject(new Error("not here")),
  close: async () => {},
};

const ENVELOPE = createEnvelope({ current: Buffer.alloc(32, 7) });
const BOOK = createPolicyBook(
  readSessionConfig(JSON.stringify({ defaults: { rotation_interval_secs: 60, rotation_grace_secs: 1 } })).config,
);

/** What validations need beside reading; in these histories nothing of it changes a session. */
const BESIDE: Omit<SessionDependencies, "reader"> = {
  db: NOTHING,
  audit: {
    // A session that ends by time is marked as ended by the validation that sees it.
    transaction: (work) => work({ query: async <Row>() => [{} as Row] }, () => {}),
    write: async () => {},
    refused() {},
    flush: async () => {},
    close: async () => {},
  },
  envelope: ENVELOPE,
  policies: { current: () => BOOK },
  activity: {
    note() {},
    latest: () => undefined,
    settle: async () => {},
    hasNoted: () => false,
    flush: async () => {},
    close: async () => {},
  },
  devices: {
    challenge: async () => ({ deviceChallenge: "none", expiresAt: 0 }),
    verify: async () => ({ kind: "bad", problem: "key" }),
    use: async () => true,
    useAlone: async () => true,
    cookies: async () => ({ issue: () => "none", secondsLeft: () => 0 }),
  },
  fairShare: (_id, work) => work(),
  endWithUser: async () => {},
  metrics: { created() {}, createdTogether() {}, refused() {}, ended() {}, rotation() {} },
  randomBytes: (size) => Buffer.alloc(size),
};

export function createVirtualReplica(
  name: string,
  time: VirtualTime,
  database: VirtualDatabase,
  machine: Machine,
  rules: Rules,
): VirtualReplica {
  const counts = { granted: 0, forgets: 0, beats: 0, unvouched: 0 };
  const interest = createInterestTable({ nowMs: machine.nowMs });
  const cache = createSessionCache({
    read: (id) =>
      new Promise((resolve) => {
        time.after(database.latency(), () => {
          const row = database.row(id);
          const now = BEGIN_MS + time.nowMs;
          time.after(database.latency(), () => machine.run(`reads ${id}`, () => resolve(row && { ...row, now })));
        });
      }),
    uses: { latest: () => undefined },
    now: () => notifications.now(),
    onAsked() {},
  });
  function forget(id: string): void {
    cache.forget(id);
    interest.forget(id);
  }
  const notifications = createSessionNotifications({
    db: database.listen(machine, name),
    onChanged: forget,
    onMissed() {
      cache.forgetAll();
      interest.forgetAll();
    },
    onError() {},
    elapsedMs: machine.nowMs,
    later: machine.after,
  });
  const hears = () => notifications.now() !== undefined;
  const validate = createValidation({ ...BESIDE, reader: cache });

  return {
    name,
    machine,
    counts,
    connect(notify) {
      const tell = rules.notices?.(notify) ?? notify;
      return createHoldChannel({
        holds: {
          interest,
          hears: rules.hears?.(hears) ?? hears,
          metrics: {
            granted: () => void counts.granted++,
            full() {},
            forgetPushed: () => void counts.forgets++,
            beat: (answer) => void counts[answer === "vouched" ? "beats" : "unvouched"]++,
          },
        },
        notify: tell,
        mayWatch: () => true,
        whenAllowed: (callback) => callback(),
      });
    },
    async validate(channel, data, write) {
      const grant = channel.grant();
      const answer = await validate(withClientAddress(data), { refresh: false, grant: rules.grant?.(grant) ?? grant });
      const holdMs = grant.settle();
      if (!answer.ok) write(undefined);
      else write(holdMs === undefined ? answer.data : { ...answer.data, holdMs });
    },
    async end(id) {
      await new Promise<void>((resolve) => time.after(database.latency(), resolve));
      database.change(id, { endReason: "Revoked" });
      const version = versionOf(database.row(id)?.metadata);
      await new Promise<void>((resolve) => {
        time.after(database.latency(), () => machine.run("changes", resolve));
      });
      // As the watched database does when the commit is answered.
      forget(id);
      return version;
    },
    reviseThePolicy: () => interest.forgetAll(),
  };
}
