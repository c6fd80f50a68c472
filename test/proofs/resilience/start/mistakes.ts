import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runSql } from "../../../harness/run-sql.ts";
import { startTestSidecar } from "../../../harness/test-sidecar.ts";
import type { Place } from "./place.ts";

export interface Mistake {
  mistake: string;
  /** The environment to start with. */
  make: (place: Place) => Record<string, string> | Promise<Record<string, string>>;
  exit: number;
  says: RegExp;
}

const EMBEDDED = { DATABASE_URL: "" };

/** A connection string to the server of the place. */
function url(
  { postgres }: Place,
  user: string,
  { host = "127.0.0.1", database = "postgres", query = "" } = {},
): string {
  return `postgres://${user}@${host}:${postgres.port}/${database}${query}`;
}

const database = (of: (place: Place) => string) => async (place: Place) => ({ DATABASE_URL: of(place) });

async function tls(place: Place, files: { cert: string; key: string }) {
  const TLS_CERT_FILE = await place.write("cert.pem", files.cert);
  const TLS_KEY_FILE = await place.write("key.pem", files.key);
  return { TLS_CERT_FILE, TLS_KEY_FILE };
}

/** What people do wrong, each with what must be said. */
export const MISTAKES: readonly Mistake[] = [
  {
    mistake: "the password is wrong",
    make: database((place) => url(place, "guest:hunter2x")),
    exit: 77,
    says: /refuses the user or the password \(password authentication failed for user "guest"\)/,
  },
  {
    mistake: "the password is missing",
    make: database((place) => url(place, "guest")),
    exit: 77,
    says: /asks for a password.*PGPASSWORD/,
  },
  {
    mistake: "the user does not exist",
    make: database((place) => url(place, "nobody:hunter2")),
    exit: 77,
    says: /refuses the user or the password.*"nobody"/,
  },
  {
    mistake: "the server lets this user in from nowhere",
    make: database((place) => url(place, "stranger")),
    exit: 77,
    says: /pg_hba\.conf/,
  },
  {
    mistake: "the server lets this user in with TLS only",
    make: database((place) => url(place, "tls_only:hunter2")),
    exit: 77,
    says: /pg_hba\.conf refuses .*no encryption.*sslmode=verify-full/,
  },
  {
    mistake: "the database does not exist",
    make: database((place) => url(place, "guest:hunter2", { database: "byoo" })),
    exit: 78,
    says: /database "byoo" does not exist.*CREATE DATABASE/,
  },
  {
    mistake: "the role may not migrate",
    make: database((place) => url(place, "guest:hunter2")),
    exit: 77,
    says: /"guest" may not create a schema.*DATABASE_MIGRATION_URL/,
  },
  {
    mistake: "no connection is left",
    make: database((place) => url(place, "full:hunter2")),
    exit: 75,
    says: /no connection left.*DATABASE_POOL_SIZE/,
  },
  {
    mistake: "the server accepts no writes",
    make: database((place) => url(place, "reader:hunter2")),
    exit: 69,
    says: /accepts no writes.*Name the primary/,
  },
  {
    mistake: "Postgres is too old",
    make: database((place) => url(place, "aged:hunter2")),
    exit: 78,
    says: /runs Postgres 13; expected Postgres 14 or newer\. Upgrade/,
  },
  {
    mistake: "the encoding of the database is not UTF8",
    make: database((place) => url(place, "byo", { database: "latin" })),
    exit: 78,
    says: /encoding of the database is LATIN1; expected UTF8\. Create another/,
  },
  {
    mistake: "behind a pooler, the role has settings that do not fit",
    make: (place) => ({ DATABASE_URL: url(place, "serial:hunter2"), DATABASE_POOLER: "transaction" }),
    exit: 78,
    says: /default_transaction_isolation, synchronous_commit.*ALTER ROLE … SET default_transaction_isolation = 'read committed'/,
  },
  {
    mistake: "the role has a setting that does not fit, and may not change it",
    make: database((place) => url(place, "replicating:hunter2")),
    exit: 78,
    says: /: these settings must be right.*: session_replication_role\. Run: ALTER ROLE … SET session_replication_role = 'origin'/,
  },
  {
    mistake: "row-level security is on",
    async make(place) {
      await runSql(place.postgres.urlOf("postgres"), "CREATE DATABASE hidden");
      const env = { DATABASE_URL: url(place, "hidden:hunter2", { database: "hidden" }) };
      const owner = { DATABASE_MIGRATION_URL: url(place, "byo", { database: "hidden" }) };
      const sidecar = await startTestSidecar({ env: { ...env, ...owner } });
      await sidecar.stop();
      await runSql(place.postgres.urlOf("hidden"), "ALTER TABLE byo.sessions ENABLE ROW LEVEL SECURITY");
      return env;
    },
    exit: 77,
    says: /row-level security may hide rows from the role "hidden".*ALTER TABLE byo\.sessions DISABLE/,
  },
  {
    mistake: "nobody listens there",
    make: ({ ports }) => ({ DATABASE_URL: `postgres://guest:hunter2@127.0.0.1:${ports.nobody}/byo` }),
    exit: 69,
    says: /nothing listens at 127\.0\.0\.1:\d+\. Start Postgres/,
  },
  {
    mistake: "the host is not in DNS",
    make: () => ({ DATABASE_URL: "postgres://guest:hunter2@no-such-host.invalid/byo" }),
    exit: 69,
    says: /no host no-such-host\.invalid in DNS/,
  },
  {
    mistake: "the server does not answer",
    make: ({ ports }) => ({ DATABASE_URL: `postgres://guest:hunter2@127.0.0.1:${ports.silent}/byo` }),
    exit: 69,
    says: /does not answer in time/,
  },
  {
    mistake: "something else listens there",
    make: ({ ports }) => ({ DATABASE_URL: `postgres://guest:hunter2@127.0.0.1:${ports.closes}/byo` }),
    exit: 69,
    says: /closed the connection.*check that Postgres listens/,
  },
  {
    mistake: "the folder has no socket of Postgres",
    make: ({ folder }) => ({ DATABASE_URL: `postgres:///byo?host=${folder}` }),
    exit: 69,
    says: /there is no socket/,
  },
  {
    mistake: "the certificate is from an unknown authority",
    make: database((place) => url(place, "guest:hunter2", { query: "?sslmode=verify-full" })),
    exit: 76,
    says: /not from an authority.*sslrootcert/,
  },
  {
    mistake: "the certificate is for another name",
    make: database((place) =>
      url(place, "guest:hunter2", { host: "localhost", query: `?sslrootcert=${place.authority.path}` }),
    ),
    exit: 76,
    says: /another name .*db\.internal/,
  },
  {
    mistake: "the certificate of the server has expired",
    async make(place) {
      const { cert, key } = await place.authority.issue("localhost", { expired: true });
      await place.postgres.write("server.crt", cert);
      await place.postgres.write("server.key", key);
      await runSql(place.postgres.urlOf("postgres"), "SELECT pg_reload_conf()");
      await sleep(500);
      const query = `?sslrootcert=${place.authority.path}`;
      return { DATABASE_URL: url(place, "guest:hunter2", { host: "localhost", query }) };
    },
    exit: 76,
    says: /certificate cannot be used now \(certificate has expired\)\. Renew it/,
  },
  {
    mistake: "the server does not speak TLS",
    make: ({ plainUrl }) => ({ DATABASE_URL: `${plainUrl}?sslmode=require` }),
    exit: 76,
    says: /does not speak TLS\. Set ssl = on/,
  },
  {
    mistake: "the file with the authority is missing",
    make: database((place) => url(place, "guest:hunter2", { query: "?sslrootcert=/srv/none.pem" })),
    exit: 78,
    says: /sslrootcert: \/srv\/none\.pem cannot be read \(ENOENT\)/,
  },
  {
    mistake: "the password has a % that is not encoded",
    make: () => ({ DATABASE_URL: "postgres://guest:hunter2%E4@db/byo" }),
    exit: 78,
    says: /DATABASE_URL: the password contains a %.*write it as %25/,
  },
  {
    mistake: "the connection string has a misspelled parameter",
    make: () => ({ DATABASE_URL: "postgres://guest:hunter2@db/byo?ssl_mode=require" }),
    exit: 78,
    says: /the parameter ssl_mode is not known; expected one of sslmode/,
  },
  {
    mistake: "the name of a variable is misspelled",
    make: () => ({ ENCRYPTON_KEY: "hunter2" }),
    exit: 78,
    says: /^ENCRYPTON_KEY is not known: rename it to ENCRYPTION_KEY, or remove it$/,
  },
  {
    mistake: "the value of a variable is wrong",
    make: () => ({ ENCRYPTION_KEY: "hunter2" }),
    exit: 78,
    says: /ENCRYPTION_KEY: expected 32 bytes as base64.*openssl rand/,
  },
  {
    mistake: "the port is in use",
    make: ({ ports }) => ({ PORT: String(ports.silent) }),
    exit: 75,
    says: /HOST, PORT: .* cannot be listened on: another process listens there/,
  },
  {
    mistake: "the address is not one of this machine",
    make: () => ({ HOST: "192.0.2.1" }),
    exit: 78,
    says: /HOST, PORT: .*this machine has no such address/,
  },
  {
    mistake: "DATA_DIR is a file",
    make: async (place) => ({ ...EMBEDDED, DATA_DIR: join(await place.write("file", ""), "data") }),
    exit: 78,
    says: /DATA_DIR: .*a folder cannot be created there/,
  },
  {
    mistake: "DATA_DIR cannot be written to",
    make: () => ({ ...EMBEDDED, DATA_DIR: "/sys/byo" }),
    exit: 77,
    says: /DATA_DIR: \/sys\/byo: it cannot be written to .*Give it to the user/,
  },
  {
    mistake: "the files of the embedded database are damaged",
    make: async (place) => {
      await mkdir(join(place.folder, "damaged", "pglite"), { recursive: true });
      await place.write("damaged/pglite/PG_VERSION", "nonsense\n");
      return { ...EMBEDDED, DATA_DIR: join(place.folder, "damaged") };
    },
    exit: 74,
    says: /DATA_DIR: .*cannot be opened.*Restore the folder/,
  },
  {
    mistake: "files of the embedded database are missing",
    make: async (place) => {
      await mkdir(join(place.folder, "incomplete", "pglite", "base"), { recursive: true });
      return { ...EMBEDDED, DATA_DIR: join(place.folder, "incomplete") };
    },
    exit: 74,
    says: /DATA_DIR: .*cannot be opened.*has no file PG_VERSION.*Restore the folder/,
  },
  {
    mistake: "CONFIG_DIR is missing",
    make: ({ folder }) => ({ CONFIG_DIR: join(folder, "configs") }),
    exit: 78,
    says: /CONFIG_DIR: expected a readable folder/,
  },
  {
    mistake: "the folder of SOCKET_PATH is missing",
    make: () => ({ SOCKET_PATH: "/srv/none/byo.sock" }),
    exit: 78,
    says: /SOCKET_PATH: \/srv\/none cannot be written to/,
  },
  {
    mistake: "the own certificate has expired",
    make: async (place) => tls(place, await place.authority.issue("localhost", { expired: true })),
    exit: 78,
    says: /TLS_CERT_FILE: .* has expired on Feb +1 .* 2020/,
  },
  {
    mistake: "certificate and key do not belong together",
    make: async (place) => {
      const [one, other] = [await place.authority.issue("localhost"), await place.authority.issue("localhost")];
      return tls(place, { cert: one.cert, key: other.key });
    },
    exit: 78,
    says: /do not belong together/,
  },
];
