import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { type Authority, createAuthority } from "../../../harness/certificates.ts";
import { freePort } from "../../../harness/free-port.ts";
import { stopAfterFile } from "../../../harness/leftovers.ts";
import { createPostgresCluster, type PostgresCluster } from "../../../harness/postgres-cluster.ts";
import { runSql } from "../../../harness/run-sql.ts";

/** Where the mistakes are made: a server that asks for passwords and speaks TLS, and other things to fall over. */
export interface Place {
  readonly postgres: PostgresCluster;
  readonly authority: Authority;
  readonly folder: string;
  /** A port that closes each connection, one that never answers, and one where nobody listens. */
  readonly ports: { closes: number; silent: number; nobody: number };
  /** A server that does not speak TLS. */
  readonly plainUrl: string;
  /** Writes a file into the folder, and gives its path. */
  write(name: string, content: string): Promise<string>;
  /** The text without what is different in each run. */
  withoutChance(text: string): string;
}

const HBA = `
host all byo 127.0.0.1/32 trust
host all stranger all reject
hostnossl all tls_only all reject
host all all all scram-sha-256
`;
// Postgres 13 is no longer published: for one role, the server says that it is one.
const ROLES = `
  CREATE ROLE guest LOGIN PASSWORD 'hunter2';
  CREATE ROLE full LOGIN PASSWORD 'hunter2' CONNECTION LIMIT 0;
  CREATE ROLE reader LOGIN PASSWORD 'hunter2';
  ALTER ROLE reader SET default_transaction_read_only = on;
  CREATE ROLE stranger LOGIN;
  CREATE ROLE hidden LOGIN PASSWORD 'hunter2';
  CREATE ROLE replicating LOGIN PASSWORD 'hunter2';
  ALTER ROLE replicating SET session_replication_role = replica;
  CREATE ROLE serial LOGIN PASSWORD 'hunter2';
  ALTER ROLE serial SET default_transaction_isolation = 'serializable';
  ALTER ROLE serial SET synchronous_commit = off;
  CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0;
  CREATE SCHEMA old;
  GRANT USAGE ON SCHEMA old TO PUBLIC;
  CREATE FUNCTION old.current_setting(name text) RETURNS text RETURN
    CASE name WHEN 'server_version_num' THEN '130023' ELSE pg_catalog.current_setting(name) END;
  CREATE ROLE aged LOGIN PASSWORD 'hunter2';
  ALTER ROLE aged SET search_path = old, pg_catalog`;

export async function createPlace(): Promise<Place> {
  const provided = inject("database");
  const folder = await mkdtemp(join(tmpdir(), "byo-mistakes-"));
  stopAfterFile(() => rm(folder, { recursive: true, force: true }));
  const authority = await createAuthority();
  const { cert, key } = await authority.issue("db.internal");
  const postgres = await createPostgresCluster("newest", {
    files: { "pg_hba.conf": HBA, "server.crt": cert, "server.key": key },
    settings: { ssl: "on" },
  });
  stopAfterFile(() => postgres.destroy());
  for (const role of ROLES.split(";")) await runSql(postgres.urlOf("postgres"), role);
  const ports = {
    closes: await listen((socket) => socket.end()),
    silent: await listen(() => {}),
    nobody: await freePort(),
  };
  return {
    postgres,
    authority,
    folder,
    ports,
    plainUrl: provided.kind === "postgres" ? provided.adminUrl : "",
    async write(name, content) {
      const path = join(folder, name);
      await writeFile(path, content);
      return path;
    },
    withoutChance: (text) =>
      text
        .replaceAll(folder, "/srv")
        .replaceAll(authority.path, "/srv/ca.pem")
        .replaceAll(/127\.0\.0\.1:(?!80\b)\d+/g, "127.0.0.1:PORT")
        .replaceAll(/\.byo-\w+/g, ".byo-NAME")
        .replaceAll(/\(uid \d+\)/g, "(uid UID)")
        .replaceAll("\n", " "),
  };
}

async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    onConnection(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stopAfterFile(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
