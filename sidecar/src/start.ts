import { randomUUID } from "node:crypto";
import pino, { type DestinationStream } from "pino";
import { buildApp } from "./app.ts";
import { boundedDatabase } from "./dashboard/bounded-database.ts";
import { startBulkEnds } from "./dashboard/bulk-ends/runner.ts";
import { composeDashboard } from "./dashboard/compose.ts";
import { layFoundations } from "./dashboard/foundations.ts";
import { listenForDashboard } from "./dashboard/http/own-port.ts";
import { createSharedCounts } from "./dashboard/overview/shared-counts.ts";
import { createUserStore } from "./dashboard/users/store.ts";
import { createCleanUp } from "./engine/clean-up.ts";
import { createPublicKeys } from "./engine/commands/public-keys.ts";
import { createServeCommand } from "./engine/commands/serve-command.ts";
import { createConfigFiles, missingSeenFiles } from "./engine/config/config-files.ts";
import { ConfigError } from "./engine/config/jsonc.ts";
import type { Settings } from "./engine/config/settings.ts";
import type { Database } from "./engine/db/database.ts";
import { rememberConfigFiles, seenConfigFiles } from "./engine/db/installation.ts";
import { openDatabase } from "./engine/db/open.ts";
import { unreadyReason } from "./engine/db/readiness.ts";
import { createFastPath } from "./engine/fast-path/fast-path.ts";
import { checkEncryptionKeys } from "./engine/keys/encryption-check.ts";
import { loadEncryptionKeys } from "./engine/keys/encryption-keys.ts";
import { createEncryptionReaders } from "./engine/keys/encryption-readers-store.ts";
import { createEnvelope } from "./engine/keys/envelope.ts";
import { ensureInitialKey, type InitialKey } from "./engine/keys/initial-key.ts";
import { createIntegrationKeys } from "./engine/keys/integration-keys.ts";
import { startResealing } from "./engine/keys/resealing.ts";
import { selectLiveKeys } from "./engine/keys/store.ts";
import { listen } from "./engine/listening/listen.ts";
import { followTlsFiles } from "./engine/listening/tls-files.ts";
import { createLog } from "./engine/log.ts";
import { isLoopback } from "./engine/loopback.ts";
import { createMetricsAccess } from "./engine/metrics/access.ts";
import { createMetrics } from "./engine/metrics/metrics.ts";
import { composeServices } from "./engine/services.ts";
import { startTracing } from "./engine/tracing/open-telemetry.ts";
import { traceDatabase } from "./engine/tracing/traced-database.ts";
import { version } from "./version.ts";

export interface StartOptions {
  settings: Settings;
  /** Where log and audit lines go, one JSON object a line. Default: stdout. */
  logStream?: DestinationStream;
  /** An open database; it stays open when the sidecar stops. Default: the one that the settings name. */
  database?: Database;
  /**
   * How long a stopping sidecar keeps answering before it closes connections, in milliseconds. Meanwhile `/readyz`
   * returns 503 and each answer closes its connection. Default: 0.
   */
  drainMs?: number;
  /** Ends the wait for a database that does not answer yet; the start then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called when the sidecar cannot continue, after the log says why. Default: does nothing. */
  onFatal?: () => void;
}

export interface RunningSidecar {
  /** The URL of the API, without a trailing slash. */
  url: string;
  port: number;
  /** The URL of the dashboard. Undefined: it is off. */
  dashboardUrl: string | undefined;
  /** Stops accepting requests, answers the running ones, writes pending data and closes the database. */
  stop(): Promise<void>;
}

/** Each scrape may count as many sessions as there are, so a count serves several of them. */
const COUNT_AGE_MS = 60_000;

/**
 * Starts a sidecar in this process: opens the database, brings it to the newest schema and listens. If a setting is
 * wrong, it throws before it listens, and the message says how to fix it.
 */
export async function startSidecar(options: StartOptions): Promise<RunningSidecar> {
  const { settings, logStream = pino.destination(1), drainMs = 0, onFatal = () => {} } = options;
  const log = createLog(settings.logLevel, logStream);
  const cleanUp = createCleanUp((error) => log.error({ err: error }, "a step of the shutdown failed"));

  try {
    const tracing = await startTracing(settings.tracing, version);
    if (tracing) cleanUp.push(() => tracing.close());
    const opened =
      options.database ??
      (await openDatabase(settings, {
        schema: settings.migrateOnStart ? "newest" : "served",
        onLost: lost,
        log,
        signal: options.signal,
      }));
    if (!options.database) cleanUp.push(() => opened.close());
    const db = tracing ? traceDatabase(opened, tracing) : opened;
    const metrics = createMetrics({ version, database: db.kind });
    const configFiles = await createConfigFiles({ dir: settings.configDir, log });
    cleanUp.push(() => configFiles.close());
    const missing = missingSeenFiles(await seenConfigFiles(db), configFiles.current().files);
    if (missing) throw missing;
    await rememberConfigFiles(db, configFiles.current().files);

    const envelope = createEnvelope(await loadEncryptionKeys(settings));
    const replica = randomUUID();
    await checkEncryptionKeys(db, envelope, replica);
    cleanUp.push(() => createEncryptionReaders(db).leave(replica));
    if (!envelope.encrypts) {
      log.warn(
        "ENCRYPTION_KEY is not set: secrets in the database are not encrypted, and no stateless tokens can be made",
      );
    }
    reportInitialKey(await ensureInitialKey(db, settings));
    const keys = createIntegrationKeys({ db, log, onRefused: metrics.keyRefused });
    cleanUp.push(() => keys.close());
    await expectKey(db);

    const writeLine = (line: string) => logStream.write(`${line}\n`);
    const laid = await layFoundations({ db, settings, log, cleanUp });
    const foundations = { ...laid, observe: metrics.observing(laid.observe) };
    cleanUp.push(startResealing({ db, envelope, observe: foundations.observe, log, replica }));
    const services = composeServices({
      db,
      sessionCache: settings.sessionCache,
      configFiles,
      ...foundations,
      envelope,
      webhookPrivateTargets: settings.webhookPrivateTargets,
      metrics,
      tracing,
      log,
      writeLine,
      cleanUp,
    });
    const { commands, policies, sessions } = services;
    const { activity } = sessions;
    metrics.observe({
      databaseAnswers: async () => (await unreadyReason(db)) === undefined,
      load: db.load,
      activeSessions: createSharedCounts({ boundedDb: boundedDatabase(db), policies, activity }, COUNT_AGE_MS).active,
      staleSettings: () => ({
        configuration: configFiles.isStale(),
        policies: policies.isStale(),
        certificate: followedTls?.isStale() === true,
      }),
    });
    let apiUrl = "";
    const bulkEnds = startBulkEnds({ ...sessions, policies }, (error) =>
      log.error({ err: error }, "a bulk end of sessions failed; it is tried again"),
    );
    cleanUp.push(() => bulkEnds.close());
    const dashboard = settings.dashboard
      ? composeDashboard({
          ...{ settings, services, configFiles, bulkEnds, version, log, cleanUp },
          ...foundations,
          apiUrl: () => apiUrl,
        })
      : undefined;
    const serve = createServeCommand(commands, metrics);
    const followedTls = await followTlsFiles(settings, log);
    if (followedTls) cleanUp.push(() => followedTls.close());
    const tls = followedTls?.current();
    const fastPath = settings.fastPath
      ? createFastPath({
          keys,
          serve,
          metrics: metrics.fastPath,
          holds: services.holds,
          connectionAgeMs: settings.connectionAgeSecs * 1000,
        })
      : undefined;
    const hasOwnPort = settings.dashboardPort !== undefined;
    const app = buildApp({
      dashboard: hasOwnPort ? undefined : dashboard,
      serve,
      fastPath,
      tls,
      keys,
      publicKeys: createPublicKeys(commands),
      metrics,
      unreadyReason: () => unreadyReason(db),
      metricsAccess: createMetricsAccess(settings.metricsToken, {
        publishedOnLoopback: settings.publishedOnLoopback,
        addressHeader: () => configFiles.current().system.where_to_find_ip.header_with_ip,
      }),
      drainMs,
      onUnexpected: (error) => log.error({ err: error }, "a request failed unexpectedly"),
    });
    cleanUp.push(() => app.close());
    followedTls?.keepCurrent(app.server);
    const { answered: countAnswer } = metrics;
    const { url, port } = await listen(app, { settings, tls, fastPath, countAnswer });
    apiUrl = url;
    const dashboardUrl =
      dashboard &&
      (hasOwnPort
        ? await listenForDashboard(dashboard, { settings, tls: followedTls, countAnswer, log, cleanUp })
        : url);
    if (dashboard) reportReach();
    log.info({ url, dashboardUrl, socketPath: settings.socketPath, database: db.kind }, "the sidecar is listening");
    return { url, port, dashboardUrl, stop: () => cleanUp.run() };
  } catch (error) {
    await cleanUp.run();
    throw error;
  }

  function lost(reason: Error): void {
    log.fatal({ err: reason }, "the embedded database is lost, so this process stops");
    onFatal();
  }

  function reportInitialKey(initial: InitialKey): void {
    if (initial.source === "none") return;
    if (initial.source === "file") log.info({ path: initial.path }, "the integration key is in this file");
    if (initial.state !== "active")
      log.warn(`the initial integration key is ${initial.state}; make one with: byo keys create --name <app>`);
  }

  /** Without a key no application can call; a start that leads nowhere is refused. The owner can make the first key. */
  async function expectKey(db: Database): Promise<void> {
    if (isLoopback(settings.host) || (await selectLiveKeys(db)).length > 0) return;
    if (
      settings.dashboard &&
      (settings.initialOwnerUsername !== undefined || (await createUserStore(db).isThereAny()))
    ) {
      log.warn(
        "there is no integration key, so every command is refused: make one in the dashboard under Settings > Integration keys, or with: byo keys create --name <app>",
      );
      return;
    }
    throw new ConfigError([
      `HOST: ${settings.host} is not loopback, and there is no integration key. Set INITIAL_INTEGRATION_KEY, or make one with: ` +
        "byo keys create --name <app>. Or set INITIAL_OWNER_USERNAME, and make one in the dashboard",
    ]);
  }

  /** The published port of a container looks like any other network: the dashboard must not open there by accident. */
  function reportReach(): void {
    const { host, publishedOnLoopback, dashboardOrigin, dashboardPort } = settings;
    if (isLoopback(host) || publishedOnLoopback || dashboardOrigin !== undefined || dashboardPort !== undefined) return;
    log.info(
      "the dashboard answers only on this machine, not outside of a container: set PUBLISHED_ON_LOOPBACK=on if its port is published on 127.0.0.1 only, or set DASHBOARD_ORIGIN",
    );
  }
}
