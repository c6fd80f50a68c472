import { type RunningProgram, startDebianProgram } from "./debian-program.ts";
import { freePort } from "./free-port.ts";

export interface PgBouncerOptions {
  mode: "session" | "transaction";
  /** How many connections it keeps to each database. */
  poolSize?: number;
}

export interface PgBouncer extends RunningProgram {
  /** The database through it. */
  url: string;
}

/** Starts PgBouncer in front of a Postgres, and gives the URL of a database through it. */
export async function startPgBouncer(url: string, options: PgBouncerOptions): Promise<string> {
  return (await runPgBouncer(url, options)).url;
}

/** The same, for a test that takes PgBouncer away. */
export async function runPgBouncer(url: string, { mode, poolSize = 10 }: PgBouncerOptions): Promise<PgBouncer> {
  const port = await freePort();
  const target = new URL(url);
  const database = target.pathname.slice(1);
  const config = [
    "[databases]",
    `${database} = host=127.0.0.1 port=${target.port} dbname=${database}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    "unix_socket_dir =",
    "auth_type = trust",
    "auth_file = users.txt",
    `pool_mode = ${mode}`,
    `default_pool_size = ${poolSize}`,
    "max_client_conn = 500",
    "query_wait_timeout = 5",
  ];
  const program = await startDebianProgram({
    name: "pgbouncer",
    files: () => ({ "pgbouncer.ini": config.join("\n"), "users.txt": '"byo" ""\n' }),
    args: (folder) => [`${folder}/pgbouncer.ini`],
    port,
  });
  const through = new URL(url);
  through.port = String(port);
  return { ...program, url: through.href };
}
