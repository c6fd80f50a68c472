import type { CidrSet } from "../policy/ip-address.ts";
import type { TracingSettings } from "./tracing-env.ts";

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export const POOLERS = ["auto", "session", "transaction"] as const;

/** The settings of one process, from its environment. */
export interface Settings {
  /** The port of the API. 0: any free one. */
  port: number;
  dashboardPort?: number;
  /** The address to listen on. */
  host: string;
  /** A Unix socket to listen on beside the port. */
  socketPath?: string;
  /** If both are set, the port speaks TLS. */
  tlsCertFile?: string;
  tlsKeyFile?: string;
  /** Whether applications may send their commands over connections that stay open. */
  fastPath: boolean;
  /** After about this time such a connection is asked to reconnect, perhaps to another replica. */
  connectionAgeSecs: number;
  /** A Postgres connection string. Undefined: the embedded database in `dataDir`. */
  databaseUrl?: string;
  /** Leads past a pooler to Postgres itself, for notifications and migrations. */
  databaseDirectUrl?: string;
  /** The role that may change the schema. Undefined: the role of `databaseUrl` changes it. */
  databaseMigrationUrl?: string;
  databasePooler: (typeof POOLERS)[number];
  /** The most connections that this process opens, besides the one for notifications. */
  databasePoolSize: number;
  /** How long a start waits for a database that does not accept connections yet. */
  databaseWaitSecs: number;
  /** Whether a start applies missing migrations. Off: `byo migrate` does. */
  migrateOnStart: boolean;
  dataDir: string;
  /** The folder of the configuration files. Undefined: `configs`, which may be missing. */
  configDir?: string;
  /** The address that the dashboard's own port listens on. Undefined: `host`. */
  dashboardHost?: string;
  /** Where people open the dashboard, such as https://sessions.example.com. Undefined: on this machine only. */
  dashboardOrigin?: string;
  /** The operator asserts that only this machine reaches the ports, such as a container's published on 127.0.0.1. */
  publishedOnLoopback: boolean;
  /** Whether there is a dashboard. */
  dashboard: boolean;
  /** Whether policy edits from the dashboard apply here. Off: only the file does. */
  policyEdits: boolean;
  initialOwnerUsername?: string;
  /** A temporary password, like the built-in one. */
  initialOwnerPassword?: string;
  initialIntegrationKey?: string;
  /** 32 bytes. */
  encryptionKey?: Buffer;
  /** 32 bytes. */
  encryptionKeyPrevious?: Buffer;
  logLevel: (typeof LOG_LEVELS)[number];
  /** Whether this process caches sessions and listens to their changes. */
  sessionCache: boolean;
  /** The bearer token for reading the metrics. */
  metricsToken?: string;
  /** Private addresses that webhooks may be sent to, also by http. */
  webhookPrivateTargets: CidrSet;
  /** Undefined: no traces are recorded. */
  tracing?: TracingSettings;
}
