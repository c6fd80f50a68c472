import { randomBytes } from "node:crypto";
import { Pool } from "undici";
import type { SpawnedSidecar } from "../../harness/spawned-sidecar.ts";

const AT_ONCE = 50;

/** The strangers' tokens of a flood, a new one for each request. */
export type TokenSource = (at: number) => string;

/** Half of them have the form of a token, so that they reach the database; the others are any text. */
export const randomTokens: TokenSource = (at) => {
  if (at % 2 === 0) return randomBytes(24 + (at % 40)).toString("base64url");
  return forgedToken(randomBytes(16).toString("base64url"));
};

/** A right id with a wrong secret, now and then of another generation. */
export function wrongSecretsFor(sessionToken: string): TokenSource {
  const id = sessionToken.replace("byo_sess_", "").split(".")[0] ?? "";
  return (at) => forgedToken(id, at % 3);
}

function forgedToken(id: string, generation = 1): string {
  const parts = [
    id,
    generation.toString(16).padStart(8, "0"),
    randomBytes(16).toString("base64url"),
    randomBytes(32).toString("base64url"),
  ];
  return `byo_sess_${parts.join(".")}`;
}

export interface FloodOptions {
  tokens: TokenSource;
  count: number;
  /** Ends the flood early when this returns true; called about once per hundred requests. */
  isOver?: () => boolean;
}

/** Sends validations from constantly changing addresses, like a botnet. Returns the number of answers by status. */
export async function flood(
  sidecar: SpawnedSidecar,
  { tokens, count, isOver = () => false }: FloodOptions,
): Promise<Map<number, number>> {
  const pool = new Pool(sidecar.url, { connections: AT_ONCE });
  const headers = { authorization: `Bearer ${sidecar.integrationKey}`, "content-type": "application/json" };
  const answered = new Map<number, number>();
  let next = 0;
  let over = false;
  const worker = async () => {
    while (!over && next < count) {
      const at = next++;
      const data = {
        sessionToken: tokens(at),
        ipAddress: `10.${at & 255}.${(at >> 8) & 255}.${(at >> 16) & 255}`,
        userAgent: `Bot/${at}`,
      };
      const command = at % 10 === 0 ? "InvalidateSessionByToken" : "ValidateAndRefreshSession";
      const answer = await pool.request({
        method: "POST",
        path: "/run-command",
        headers,
        body: JSON.stringify({ command, data }),
      });
      await answer.body.dump();
      answered.set(answer.statusCode, (answered.get(answer.statusCode) ?? 0) + 1);
      if (at % 100 === 0) over = isOver();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await pool.close();
  return answered;
}

/** Rows of all tables of the sidecar. */
export async function countRows({ sql }: Pick<SpawnedSidecar, "sql">): Promise<number> {
  const tables = await sql<{ name: string }>("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'byo'");
  const counts = tables.map(({ name }) => `(SELECT count(*) FROM byo.${name})`).join(" + ");
  const [row] = await sql<{ rows: number }>(`SELECT (${counts})::int AS rows`);
  return row?.rows ?? Number.NaN;
}
