import type { PGlite } from "@electric-sql/pglite";
import type { Connection } from "./connection.ts";

const BYTEA_OID = 17;

/** A database that runs in this thread. */
export function connectionTo(pglite: PGlite): Connection {
  return {
    async query(text, values) {
      const result = await pglite.query<Record<string, unknown>>(text, [...values]);
      // pg returns a Buffer for bytea, PGlite a Uint8Array: callers always get a Buffer.
      const binary = result.fields.filter((field) => field.dataTypeID === BYTEA_OID).map((field) => field.name);
      for (const row of result.rows) for (const name of binary) row[name] = asBuffer(row[name]);
      return result.rows;
    },
    script: async (text) => void (await pglite.exec(text)),
    listen: (channel, onTold) => pglite.listen(channel, onTold),
    close: () => pglite.close(),
  };
}

/** The same bytes as a Buffer, which is lost on the way from a thread to another. */
export function asBuffer(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
