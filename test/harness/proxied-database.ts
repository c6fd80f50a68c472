import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

export interface ProxiedDatabase {
  /** Reached directly by the test, also while the sidecar cannot reach it. */
  readonly database: TestDatabase;
  readonly proxy: TcpProxy;
  /** For the sidecar's environment: the way through the proxy. */
  readonly env: { readonly DATABASE_URL: string };
}

/** A database on Postgres that can be taken away from a sidecar without touching it. */
export async function createProxiedDatabase(): Promise<ProxiedDatabase> {
  const database = await createTestDatabase();
  const url = new URL(database.env.DATABASE_URL ?? "");
  const proxy = await startTcpProxy(Number(url.port));
  url.port = String(proxy.port);
  return { database, proxy, env: { DATABASE_URL: url.href } };
}
