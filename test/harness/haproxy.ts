import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startDebianProgram } from "./debian-program.ts";
import { freePort } from "./free-port.ts";
import { stopAfterFile } from "./leftovers.ts";
import type { PostgresCluster } from "./postgres-cluster.ts";
import { runSql } from "./run-sql.ts";

/** Starts haproxy as people put it before Patroni: connections go to the server that says it is the primary. */
export async function startHaproxy(clusters: readonly PostgresCluster[]): Promise<number> {
  const port = await freePort();
  const servers = await Promise.all(
    clusters.map(
      async (cluster, at) => `  server pg${at} 127.0.0.1:${cluster.port} check port ${await startRoleCheck(cluster)}`,
    ),
  );
  const config = [
    "defaults",
    "  mode tcp",
    "  timeout connect 1s",
    "  timeout check 1s",
    "  timeout client 1h",
    "  timeout server 1h",
    "listen postgres",
    `  bind 127.0.0.1:${port}`,
    "  option httpchk GET /primary",
    "  http-check expect status 200",
    "  default-server inter 200ms fall 2 rise 1 on-marked-down shutdown-sessions",
    ...servers,
  ];
  await startDebianProgram({
    name: "haproxy",
    files: () => ({ "haproxy.cfg": `${config.join("\n")}\n` }),
    args: (folder) => ["-db", "-f", `${folder}/haproxy.cfg`],
    port,
  });
  return port;
}

/** Answers as the agent of Patroni does beside each Postgres: 200 on the primary, 503 elsewhere. */
async function startRoleCheck(cluster: PostgresCluster): Promise<number> {
  const server = createServer(async (_request, response) => {
    const isPrimary = await runSql<{ is: boolean }>(
      cluster.urlOf("postgres"),
      "SELECT NOT pg_is_in_recovery() AS is",
    ).catch(() => []);
    response.writeHead(isPrimary[0]?.is ? 200 : 503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stopAfterFile(async () => void server.close());
  return (server.address() as AddressInfo).port;
}
