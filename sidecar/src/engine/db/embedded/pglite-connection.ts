import type { PGlite } from "@electric-sql/pglite";
import type { Connection } from "./connection.ts";

/** bytea and bytea[]. */
const BINARY_OIDS: readonly number[] = [17, 1001];

/** A database that runs in this thread. */
export function connectionTo(pglite: PGlite): Connection {
  return {
    async query(text, values) {
      const result = await pglite.query<Record<string, unknown>>(text, [...values]);
      // pg returns a Buffer for bytea, PGlite a Uint8Array: callers always get a Buffer.
      const binary = result.fields.filter((field) => BINARY_OIDS.includes(field.dataTypeID)).map(({ name }) => name);
      for (const row of result.rows) for (const name of binary) row[name] = asBuffer(row[name]);
      return result.rows;
    },
    script: async (text) => void (await pglite.exec(text)),
    listen: (channel, onTold) => pglite.listen(channel, onTold),
    close: () => pglite.close(),
  };
}

/** The same bytes as a Buffer, which is lost on the way from a thread to another; also in lists. */
export function asBuffer(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asBuffer);
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
