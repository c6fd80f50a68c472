import type { Statement } from "../../../sidecar/src/engine/db/database.ts";
import type { SessionRow } from "../../../sidecar/src/engine/sessions/session.ts";
import type { Alteration } from "./laboratory.ts";
import { requestContext } from "./replica.ts";

/** A deliberate bug that the checker must find, or it proves nothing. */
export interface Mutant {
  bug: string;
  alteration: Alteration;
}

type Values = readonly unknown[] | undefined;

/** The statement of that name with other SQL. */
export function rewritten(name: string, rewrite: (text: string) => string): Alteration {
  return (query) => (statement, values) => {
    if (statement.name !== name) return query(statement, values);
    const text = rewrite(statement.text);
    if (text === statement.text) throw new Error(`the bug no longer fits the statement ${name}`);
    return query({ name: `${name}-altered`, text }, values);
  };
}

/** The statement of that name is left out and said to have been carried out. */
export function skipped(name: string, isMeant: (values: Values) => boolean = () => true): Alteration {
  return (query) =>
    async <Row>(statement: Statement, values: Values) =>
      statement.name === name && isMeant(values) ? [{ id: values?.[0] } as Row] : query<Row>(statement, values);
}

type Misreadable = { -readonly [Column in keyof SessionRow]: SessionRow[Column] };

/** Sessions are read, but not as they are. */
export function misread(change: (row: Misreadable, replica: number) => void): Alteration {
  return (query, replica) =>
    async <Row>(statement: Statement, values: Values) => {
      const rows = await query<Row>(statement, values);
      if (statement.name === "session-read") for (const row of rows) change(row as unknown as Misreadable, replica);
      return rows;
    };
}

/** A cache on one replica that answers a few reads of a session without asking the database. */
const cachedReads: Alteration = (query, replica) => {
  const cache = new Map<unknown, { rows: unknown[]; left: number }>();
  return async <Row>(statement: Statement, values: Values) => {
    if (statement.name !== "session-read" || replica === 0) return query<Row>(statement, values);
    const known = cache.get(values?.[0]);
    // Copied: what is done to one answer must not be seen in the next.
    if (known && known.left-- > 0) return known.rows.map((row) => ({ ...(row as Row) }));
    const rows = await query<Row>(statement, values);
    cache.set(values?.[0], { rows: rows.map((row) => ({ ...row })), left: 3 });
    return rows;
  };
};

/** The end carries the generation that was read, as the other changes do. */
const endGuardedByGeneration: Alteration = (query) => {
  const read = new Map<unknown, number>();
  return async <Row>(statement: Statement, values: Values) => {
    if (statement.name === "session-end") {
      const gen = read.get(requestContext.getStore()?.label) ?? 1;
      const text = statement.text.replace("WHERE id = $1", "WHERE id = $1 AND gen = $3");
      return query<Row>({ name: "session-end-guarded", text }, [...(values ?? []), gen]);
    }
    const rows = await query<Row>(statement, values);
    const [row] = rows;
    if (statement.name === "session-read" && row) {
      read.set(requestContext.getStore()?.label, (row as unknown as SessionRow).gen);
    }
    return rows;
  };
};

export const MUTANTS: readonly Mutant[] = [
  {
    bug: "a logout that races a confirmation is lost (the end is guarded by the generation)",
    alteration: endGuardedByGeneration,
  },
  {
    bug: "no grace: the old token dies with the first use of the new one",
    alteration: rewritten("session-confirm", (text) =>
      text.replace("make_interval(secs => $4::float8)", "$4::float8 * interval '0'"),
    ),
  },
  {
    bug: "the grace lasts a day",
    alteration: rewritten("session-confirm", (text) =>
      text.replace("make_interval(secs => $4::float8)", "$4::float8 * interval '24 minutes'"),
    ),
  },
  {
    bug: "two first uses of a successor both confirm it",
    alteration: rewritten("session-confirm", (text) =>
      text.replace("cur_hash = next_hash", "cur_hash = $3").replace("AND gen = $2 AND next_hash = $3", "AND gen >= $2"),
    ),
  },
  { bug: "the first use of a successor does not confirm it", alteration: skipped("session-confirm") },
  {
    bug: "a confirmation keeps the old successor pending",
    alteration: rewritten("session-confirm", (text) => text.replace("next_hash = NULL", "next_hash = next_hash")),
  },
  { bug: "a successor is answered and not stored", alteration: skipped("session-start-rotation") },
  {
    bug: "each replica derives another successor",
    alteration: misread((row, replica) => {
      // A first byte of 0 marks what is sealed without a key.
      if (replica === 1) row.salt = Buffer.concat([Buffer.of(0), Buffer.alloc(32, 9)]);
    }),
  },
  {
    bug: "a reused token is refused, and the session lives on",
    alteration: skipped("session-end", (values) => values?.[1] === "TokenReused"),
  },
  {
    bug: "a logout is answered and not stored",
    alteration: skipped("session-end", (values) => values?.[1] === "LoggedOut"),
  },
  {
    bug: "a revocation is answered and not stored",
    alteration: skipped("session-end", (values) => values?.[1] === "Revoked"),
  },
  {
    bug: "every end is recorded as a logout",
    alteration: rewritten("session-end", (text) =>
      text.replace("end_reason = $2", "end_reason = coalesce('LoggedOut', $2)"),
    ),
  },
  { bug: "one replica answers from a cache", alteration: cachedReads },
  {
    bug: "one replica decides by its own clock, two hours ahead",
    alteration: misread((row, replica) => {
      if (replica === 1) row.now += 7_200_000;
    }),
  },
  {
    bug: "any holder of the old token is given the new one",
    alteration: misread((row) => {
      row.confirmedIp = requestContext.getStore()?.ipAddress ?? null;
    }),
  },
  {
    bug: "lost answers are counted as ignored ones, a day for each",
    alteration: rewritten("session-count-pending", (text) =>
      text.replace("SET ", "SET pending_since = pending_since - interval '1 day', "),
    ),
  },
  {
    bug: "one replica does not know of the session's device",
    alteration: misread((row, replica) => {
      if (replica === 1) row.deviceThumbprint = null;
    }),
  },
  {
    bug: "a replay ends a session with a device too",
    alteration: misread((row) => {
      if ((requestContext.getStore()?.gen ?? row.gen) < row.gen - 1) row.deviceThumbprint = null;
    }),
  },
  {
    bug: "tokens are never changed",
    alteration: misread((row) => {
      row.since = row.now;
      row.rotationAsked = false;
    }),
  },
];
