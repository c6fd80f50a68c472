import { createHash, randomBytes } from "node:crypto";
import type { Logger } from "pino";
import type { CleanUp } from "../engine/clean-up.ts";
import type { ConfigFiles } from "../engine/config/config-files.ts";
import type { Settings } from "../engine/config/settings.ts";
import { createAdmission } from "../engine/listening/admission.ts";
import { onceForEach } from "../engine/once-for-each.ts";
import type { SessionConfig } from "../engine/policy/values.ts";
import type { Services } from "../engine/services.ts";
import { createSessionService } from "../engine/sessions/service.ts";
import { createBackOff } from "./access/back-off.ts";
import { createLogins } from "./access/logins.ts";
import { createCodeTries, createIdentityProof } from "./access/proving.ts";
import { boundedDatabase } from "./bounded-database.ts";
import type { BulkEndRunner } from "./bulk-ends/runner.ts";
import { type CallContext, callsOf } from "./calls.ts";
import { createExports } from "./export.ts";
import { addCallRoutes } from "./http/call-routes.ts";
import type { Dashboard } from "./http/dashboard.ts";
import { addPageRoutes } from "./http/page-routes.ts";
import { createSecurityHeaders } from "./http/security-headers.ts";
import { timedDatabase } from "./http/server-timing.ts";
import { sharedAttention } from "./incidents/attention.ts";
import { createLiveFeed } from "./live/feed.ts";
import type { Counters } from "./overview/counters.ts";
import { createReplica } from "./overview/replica.ts";
import { createSharedCounts } from "./overview/shared-counts.ts";
import { createOverviewStore } from "./overview/store.ts";
import { canonicalText, toDocument } from "./policies/document.ts";
import type { FollowedEdits } from "./policies/edits.ts";
import { followPolicyHistory } from "./policies/history.ts";
import { createPolicyWork } from "./policies/work.ts";
import { createPasswordHashing } from "./users/password-hashing.ts";

const ONE_ADDRESS_FOR_ALL =
  "DASHBOARD_ORIGIN is set, but client addresses are taken from the connection: behind a proxy everyone has the " +
  "proxy's address, so one person guessing passwords slows down every login. " +
  "Set where_to_find_ip in system_config.jsonc to the header in which the proxy puts the address.";

export interface DashboardDependencies {
  settings: Settings;
  services: Services;
  configFiles: ConfigFiles;
  edits: FollowedEdits | undefined;
  counters: Counters;
  bulkEnds: BulkEndRunner;
  version: string;
  /** The address of the API, once it listens. */
  apiUrl: () => string;
  log: Logger;
  cleanUp: CleanUp;
}

/** Builds the dashboard and starts its jobs. */
export function composeDashboard(deps: DashboardDependencies): Dashboard {
  const { settings, services, configFiles, edits, counters, bulkEnds, version, apiUrl, log, cleanUp } = deps;
  const { audit, policies, sessions, statelessTokens, impersonations, webhooks } = services;
  const { envelope, activity } = sessions;
  const db = timedDatabase(sessions.db);
  const onError = (what: string) => (error: unknown) => log.error({ err: error }, what);

  const digestOf = onceForEach((config: SessionConfig) =>
    createHash("sha256")
      .update(canonicalText(toDocument(config)))
      .digest("hex"),
  );
  const policyDigest = () => digestOf(policies.config());
  const replica = createReplica(createOverviewStore(db), {
    version,
    policyDigest,
    onError: (error) => log.warn({ err: error }, "this replica could not report itself as running"),
  });
  cleanUp.push(() => replica.close());

  const loginSettings = () => {
    const { dashboard_session_lifetime_secs, dashboard_session_idle_timeout_secs } = configFiles.current().system;
    return { lifetimeSecs: dashboard_session_lifetime_secs, idleTimeoutSecs: dashboard_session_idle_timeout_secs };
  };
  const logins = createLogins({ db, audit, settings: loginSettings, randomBytes });
  const hashing = createPasswordHashing();
  const backOff = createBackOff(() => performance.now());
  const file = () => configFiles.current().session;
  const work = createPolicyWork();
  cleanUp.push(() => work.close());
  const boundedDb = boundedDatabase(db);
  const context: CallContext = {
    db,
    boundedDb,
    audit,
    envelope,
    apiUrl,
    activity,
    policies,
    file,
    edits,
    history: followPolicyHistory(policies, edits, db),
    work,
    policyDigest,
    policyEdits: edits !== undefined,
    logins,
    hashing,
    proveIdentity: createIdentityProof({ db, audit, envelope, hashing, backOff }),
    codeTries: createCodeTries(backOff),
    loginSettings,
    callsOf,
    counters,
    sharedCounts: createSharedCounts({ boundedDb, policies, activity }),
    attention: sharedAttention(boundedDb),
    replica,
    live: createLiveFeed({
      db: boundedDb,
      loginSettings,
      onError: (error) => log.warn({ err: error }, "open pages could not be notified"),
    }),
    exports: createExports(),
    bulkEnds,
    invalidate: createSessionService(sessions).invalidate,
    statelessTokens,
    impersonations,
    impersonationRules: () => configFiles.current().impersonation,
    webhooks,
    version,
    randomBytes,
  };

  const origin = settings.dashboardOrigin;
  const whereToFindIp = () => configFiles.current().system.where_to_find_ip;
  const admission = createAdmission({
    origin,
    hasOwnPort: settings.dashboardPort !== undefined,
    publishedOnLoopback: settings.publishedOnLoopback,
    addressHeader: () => whereToFindIp().header_with_ip,
  });
  if (origin !== undefined && whereToFindIp().use_ip_directly) log.warn({ origin }, ONE_ADDRESS_FOR_ALL);

  return {
    addTo(app) {
      const onUnexpected = onError("a dashboard call failed unexpectedly");
      addCallRoutes(app, { context, logins, whereToFindIp, admission, onUnexpected });
      return addPageRoutes(app, admission);
    },
    setSecurityHeaders: createSecurityHeaders(origin),
  };
}
