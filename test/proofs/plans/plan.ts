import pg from "pg";
import type { Sent } from "./recording-database.ts";

/** A node of a plan, as EXPLAIN (FORMAT JSON) has it. */
export interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Cond"?: string;
  "Plan Rows": number;
  Plans?: PlanNode[];
  [property: string]: unknown;
}

export interface Plans {
  /** For the values that were sent. */
  custom: PlanNode;
  /** For any values: Postgres may keep this one for a prepared statement. Undefined: the statement is not prepared. */
  generic: PlanNode | undefined;
}

type Explained = { "QUERY PLAN": { Plan: PlanNode }[] };

/** Asks for the plans of a statement, without running it. */
export async function plansOf(client: pg.Client, { statement, values }: Sent): Promise<Plans> {
  const custom = planIn(await client.query<Explained>(`EXPLAIN (FORMAT JSON) ${statement.text}`, [...values]));
  if (statement.name === "") return { custom, generic: undefined };
  await client.query("SET plan_cache_mode = force_generic_plan");
  await client.query(`PREPARE looked_at AS ${statement.text}`);
  try {
    const list = values.length === 0 ? "" : `(${values.map(literalOf).join(", ")})`;
    const generic = planIn(await client.query<Explained>(`EXPLAIN (FORMAT JSON) EXECUTE looked_at${list}`));
    return { custom, generic };
  } finally {
    await client.query("DEALLOCATE looked_at");
    await client.query("RESET plan_cache_mode");
  }
}

/** Every node below and with this one. */
export function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

function planIn({ rows }: pg.QueryResult<Explained>): PlanNode {
  const plan = rows[0]?.["QUERY PLAN"][0]?.Plan;
  if (!plan) throw new Error("expected a plan");
  return plan;
}

function literalOf(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  return pg.escapeLiteral(textOf(value));
}

function textOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return `\\x${value.toString("hex")}`;
  if (Array.isArray(value)) return `{${value.map(elementOf).join(",")}}`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function elementOf(value: unknown): string {
  return value === null || value === undefined ? "NULL" : JSON.stringify(textOf(value));
}
