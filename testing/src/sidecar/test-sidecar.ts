import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type SidecarClient } from "@byo-session/core";
import type { EndReason } from "@byo-session/core/contract";
import { openMemoryDatabase, readEnv, startSidecar } from "@byo-session/sidecar";
import { createLogin, type TestLogin, type TestSession } from "../login.ts";
import { cacheFolder } from "./cache-folder.ts";
import { ADVANCE_TEST_CLOCK, INSTALL_TEST_CLOCK } from "./clock-store.ts";
import { createForcedStore } from "./forced-store.ts";

export interface TestSidecarOptions {
  /** The content of `session_config.jsonc`. Default: the built-in settings. */
  config?: { device_challenge_lifetime_secs?: number; [setting: string]: unknown };
  /** Receives each line of the sidecar's log and audit trail, as JSON. Default: none. */
  log?: (line: string) => void;
}

export interface TestSidecar extends AsyncDisposable {
  readonly url: string;
  readonly integrationKey: string;
  /** For an app that reads its environment. */
  readonly env: { readonly BYO_URL: string; readonly BYO_INTEGRATION_KEY: string };
  readonly client: SidecarClient;
  /** Creates a session like an app's login. */
  login(login?: TestLogin): Promise<TestSession>;
  /** Moves the time of the sidecar forward: sessions expire, rotations fall due. */
  advance(secs: number): Promise<void>;
  /** The next request that can receive one gets a new token. */
  forceRotation(sessionId: string): Promise<void>;
  /**
   * A thief has continued the session: the next request with the previous token ends it for both, with `TokenReused`.
   * Not for a session with a device, which a replay does not end.
   */
  forceReuse(sessionId: string): Promise<void>;
  /** Expires every device challenge: the next proof gets 425 and a new challenge. */
  forceChallenge(): Promise<void>;
  /** Ends a session for that reason, which later requests with its token get. */
  endSession(sessionId: string, reason: EndReason): Promise<void>;
  /** Refuses connections, like a sidecar that is down, until `endOutage()`. Sessions are kept. */
  startOutage(): Promise<void>;
  endOutage(): Promise<void>;
  /** Also called at the end of an `await using` block. */
  stop(): Promise<void>;
}

const CHALLENGE_LIFETIME_SECS = 600;

/**
 * Starts a real sidecar in this process, with a database in memory, on a free loopback port. The first start on a
 * machine takes some seconds, later ones less than a second: an empty database is cached in `node_modules/.cache`.
 *
 * @example
 * await using sidecar = await startTestSidecar();
 * const app = createApp({ url: sidecar.url, integrationKey: sidecar.integrationKey });
 */
export async function startTestSidecar(options: TestSidecarOptions = {}): Promise<TestSidecar> {
  const { config = {}, log = () => {} } = options;
  const integrationKey = `api_${randomBytes(32).toString("hex")}`;
  const encryptionKey = randomBytes(32).toString("base64");
  const configDir = await mkdtemp(join(tmpdir(), "byo-test-sidecar-"));
  await writeFile(join(configDir, "session_config.jsonc"), JSON.stringify(config));
  const db = await openMemoryDatabase({ cacheDir: cacheFolder() });
  await db.maintenance((connection) => connection.script(INSTALL_TEST_CLOCK));

  const start = (port: number) => {
    const settings = readEnv({
      PORT: String(port),
      CONFIG_DIR: configDir,
      // Nothing is written into the folder of the app under test.
      DATA_DIR: configDir,
      ENCRYPTION_KEY: encryptionKey,
      INITIAL_INTEGRATION_KEY: integrationKey,
      LOG_LEVEL: "warn",
      // The app asks about every request: a test that moves the time, or forces an end, sees it with the next one.
      SESSION_CACHE: "off",
    });
    return startSidecar({ settings, database: db, logStream: { write: (line) => log(line.trimEnd()) } });
  };
  async function discard(): Promise<void> {
    await db.close();
    await rm(configDir, { recursive: true, force: true });
  }
  let running = await start(0).catch(async (error: unknown) => {
    await discard();
    throw error;
  });
  const { url, port } = running;
  // The test asked for this outage, so it is not logged.
  const client = createClient({ url, integrationKey, log: () => {} });
  const forced = createForcedStore(db);
  const advance = async (secs: number) =>
    void (await db.query({ name: "test-advance", text: ADVANCE_TEST_CLOCK }, [secs]));

  async function stop(): Promise<void> {
    await client.close();
    await running.stop();
    await discard();
  }

  let stopped: Promise<void> | undefined;
  const stopOnce = () => {
    stopped ??= stop();
    return stopped;
  };
  return {
    url,
    integrationKey,
    env: { BYO_URL: url, BYO_INTEGRATION_KEY: integrationKey },
    client,
    login: (login = {}) => createLogin(client, login),
    advance,
    forceRotation: async (sessionId) => expectLiving(sessionId, await forced.askRotation(sessionId)),
    forceReuse: async (sessionId) => expectLiving(sessionId, await forced.outrun(sessionId), " without a device"),
    forceChallenge: () => advance((config.device_challenge_lifetime_secs ?? CHALLENGE_LIFETIME_SECS) + 1),
    endSession: async (sessionId, reason) => expectLiving(sessionId, await forced.end(sessionId, reason)),
    startOutage: () => running.stop(),
    async endOutage() {
      running = await start(port);
    },
    stop: stopOnce,
    [Symbol.asyncDispose]: stopOnce,
  };
}

function expectLiving(sessionId: string, wasLiving: boolean, more = ""): void {
  if (!wasLiving) throw new Error(`expected the id of a living session${more}, got "${sessionId}"`);
}
