import { by, type Cause } from "./cause.ts";
import { EXIT } from "./exit-codes.ts";
import type { Facts } from "./facts.ts";

const at = ({ address }: Facts) => (address ? ` at ${address}` : "");

export const NO_CONNECTION_LEFT: Cause = {
  what: "no connection is left on the server",
  exit: EXIT.busy,
  passes: true,
  is: by(/^53300$/, /no more connections allowed/),
  says: ({ message }) =>
    `the server has no connection left (${message}). Raise max_connections there, lower DATABASE_POOL_SIZE, or put PgBouncer in between`,
};

/** Why a connection to Postgres fails, the first that matches. Messages of the server name users, never secrets. */
export const DATABASE_CAUSES: readonly Cause[] = [
  {
    what: "the password or the user is wrong",
    exit: EXIT.denied,
    is: by(/^28P01$/, /password authentication failed/),
    says: ({ message }) =>
      `the server refuses the user or the password (${message}). Set the right ones; a % in a password is written %25`,
  },
  {
    what: "the server asks for a password, but the settings contain no password",
    exit: EXIT.denied,
    is: by(undefined, /client password must be/),
    says: () =>
      "the server asks for a password, but the settings contain no password. Write it into the URL, or set PGPASSWORD",
  },
  {
    what: "the server refuses connections from this machine",
    exit: EXIT.denied,
    is: by(undefined, /pg_hba\.conf/),
    says: ({ message }) =>
      `the server's pg_hba.conf refuses this connection (${message}). Add a line for it there; if it says "no encryption", add sslmode=verify-full to the URL`,
  },
  {
    what: "the role does not exist",
    exit: EXIT.denied,
    is: by(/^28000$/),
    says: ({ message }) => `the server refuses the user (${message}). Create the role, or correct the user in the URL`,
  },
  {
    what: "the database does not exist",
    exit: EXIT.setting,
    is: by(/^3D000$/, /no such database/),
    says: ({ message }) => `${message}. Create it with CREATE DATABASE, or correct the name in the URL`,
  },
  {
    what: "a right is missing",
    exit: EXIT.denied,
    is: by(/^42501$/),
    says: ({ message }) =>
      `${message}. Grant the right, or set DATABASE_MIGRATION_URL to the role that owns the schema byo`,
  },
  NO_CONNECTION_LEFT,
  {
    what: "the server's disk is full",
    exit: EXIT.files,
    is: by(/^53100$/),
    says: ({ message }) => `the server's disk is full (${message}). Make room there`,
  },
  {
    what: "the server is starting or stopping",
    exit: EXIT.unreachable,
    passes: true,
    is: by(/^57P0\d$/),
    says: ({ message }) => `the server does not accept connections now (${message}). Try again when it has started`,
  },
  {
    what: "the server accepts no writes",
    exit: EXIT.unreachable,
    passes: true,
    is: ({ names, code }) => names.includes("ReadOnlyServer") || code === "25006",
    says: () =>
      "the server accepts no writes: it is a standby, or set to read-only. Name the primary, or all servers with commas between",
  },
  {
    what: "Postgres is too old",
    exit: EXIT.setting,
    is: ({ names }) => names.includes("ServerTooOld"),
    says: ({ message }) => `${message}. Upgrade the server`,
  },
  {
    what: "the database has another encoding than UTF8",
    exit: EXIT.setting,
    is: ({ names }) => names.includes("WrongEncoding"),
    says: ({ message }) => `${message}. Create another one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`,
  },
  {
    what: "a setting of the role or the database does not fit, and a connection cannot change it",
    exit: EXIT.setting,
    is: ({ names }) => names.includes("SettingMisfit"),
    says: ({ message }) => message,
  },
  {
    what: "DATABASE_POOLER says session, and the pool is in transaction mode",
    exit: EXIT.setting,
    is: by(/^(26000|42P05)$/),
    says: ({ message }) =>
      `other clients use the same backends (${message}), so the pool is in transaction mode. Remove DATABASE_POOLER=session, or change the mode of the pool`,
  },
  {
    what: "nothing listens at the address",
    exit: EXIT.unreachable,
    passes: true,
    is: by(/^ECONNREFUSED$/),
    says: (facts) => `nothing listens${at(facts)}. Start Postgres there, or correct host and port in the URL`,
  },
  {
    what: "the host name is unknown",
    exit: EXIT.unreachable,
    passes: true,
    is: by(/^(ENOTFOUND|EAI_\w+)$/),
    says: (facts) => `there is no host${at(facts).replace(" at", "")} in DNS. Correct the name in the URL`,
  },
  {
    what: "the server's Unix socket is missing",
    exit: EXIT.unreachable,
    passes: true,
    is: by(/^ENOENT$/),
    says: (facts) => `there is no socket${at(facts)}. Start Postgres, or correct the folder in the URL`,
  },
  {
    what: "every connection is in use",
    exit: EXIT.busy,
    passes: true,
    is: by(undefined, /^timeout exceeded when trying to connect$/),
    says: () =>
      "every connection of the pool was in use for too long. If this lasts, look for slow statements in pg_stat_activity, or raise DATABASE_POOL_SIZE",
  },
  {
    what: "the server does not answer",
    exit: EXIT.unreachable,
    passes: true,
    is: by(/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/, /timeout/),
    says: (facts) =>
      `the server${at(facts)} does not answer in time. Check the host and the port, and look for a firewall in between`,
  },
  {
    what: "the certificate is for another name",
    exit: EXIT.tls,
    is: by(/^ERR_TLS_CERT_ALTNAME_INVALID$/),
    says: ({ message }) =>
      `the server's certificate is for another name (${message}). Use the name in the certificate as host, or sslmode=verify-ca with sslrootcert`,
  },
  {
    what: "the certificate is from an unknown authority",
    exit: EXIT.tls,
    is: by(/^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_\w+|CERT_UNTRUSTED|INVALID_CA)$/),
    says: () =>
      "the server's certificate is not from an authority that this machine knows. Add sslrootcert=/path/ca.pem to the URL",
  },
  {
    what: "the certificate has expired",
    exit: EXIT.tls,
    is: by(/^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/),
    says: ({ message }) =>
      `the server's certificate cannot be used now (${message}). Renew it, or correct the clock here`,
  },
  {
    what: "the server does not speak TLS",
    exit: EXIT.tls,
    is: by(undefined, /does not support SSL|establishing an SSL/),
    says: () => "the server does not speak TLS. Set ssl = on there; on a private network, you can set sslmode=disable",
  },
  {
    what: "TLS fails in another way",
    exit: EXIT.tls,
    is: by(/^(EPROTO|ERR_SSL_\w+|ERR_OSSL_\w+|CERT_\w+|ERR_TLS_\w+)$/),
    says: ({ message }) => `the TLS handshake with the server failed (${message})`,
  },
  {
    what: "the server closes the connection",
    exit: EXIT.unreachable,
    passes: true,
    is: by(/^(ECONNRESET|EPIPE)$/, /terminated/),
    says: (facts) =>
      `the server${at(facts)} closed the connection. Check its log, and check that Postgres listens at this port`,
  },
  {
    what: "the pooler refuses the connection",
    exit: EXIT.unreachable,
    passes: true,
    is: by(/^08\w{3}$/),
    says: ({ message }) => `the pooler or the server refuses the connection (${message})`,
  },
  {
    what: "another answer of the server",
    exit: EXIT.unreachable,
    is: () => true,
    says: ({ message }) => message,
  },
];
