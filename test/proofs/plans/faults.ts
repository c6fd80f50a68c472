import pg from "pg";
import { nodesOf, type PlanNode, plansOf } from "./plan.ts";
import type { Sent } from "./recording-database.ts";

/**
 * Tables with a row for each session, login, user or event. The others have one for each person, key, setting or five
 * minutes.
 */
export const GROWING = [
  "sessions",
  "audit_events",
  "devices",
  "used_proofs",
  "upgrade_tickets",
  "legacy_sessions",
  "webhook_deliveries",
];

/** Indexes that only have what people did. */
const SMALL_INDEXES: readonly unknown[] = ["audit_events_log"];

const CONDITIONS = ["Filter", "Index Cond", "Recheck Cond", "TID Cond", "Join Filter", "One-Time Filter"];

/**
 * Rare commands of the operator, on a connection without time limits. `byo keys encryption status` counts all sessions by
 * their key. `byo recover` reads each table once: it ends every session, forgets every ticket and every adoption.
 */
export const READS_ALL: readonly string[] = [
  "encryption-count-sessions-salt",
  "recover-end-all-sessions",
  "recover-tickets",
  "recover-adoptions",
];

/**
 * Not good yet: the dashboard's search for ended sessions also looks for those that have lapsed and are not marked, and
 * there is no index for inactivity. With a timeout, and if nothing else in the filter narrows, it reads living sessions: for a
 * page those that are newer than its last row, otherwise all.
 */
const SEARCHES_LAPSED = /FROM byo\.sessions WHERE ended_at IS NULL AND \(expires_at <= \(SELECT byo\.now\(\)\) OR/;

/** The faults in the plans of these statements, but for those of statements that may have some. */
export async function faultsInPlans(url: string, sent: readonly Sent[], allowed: readonly string[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const faults: string[] = [];
  for (const one of sent) {
    const { name, text } = one.statement;
    if (name === "" && SEARCHES_LAPSED.test(text)) continue;
    if (allowed.includes(name) || !/^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)/.test(text)) continue;
    const { custom, generic } = await plansOf(client, one);
    const found = new Set([custom, generic].flatMap((plan) => (plan ? faultsOf(plan, name === "") : [])));
    for (const fault of found) faults.push(`${name || text}: ${fault}`);
  }
  await client.end();
  return faults;
}

/** What makes a plan read more the more rows there are; empty for a good plan. */
function faultsOf(plan: PlanNode, isForItsValues: boolean): string[] {
  return [...new Set([...faultsBelow(plan, isForItsValues, false), ...nodesOf(plan).flatMap(conditionFaults)])];
}

function faultsBelow(node: PlanNode, isForItsValues: boolean, isLimited: boolean): string[] {
  const type = node["Node Type"];
  const table = node["Relation Name"];
  const below = (node.Plans ?? []).flatMap((child) =>
    faultsBelow(child, isForItsValues, limits(node, child, isLimited)),
  );
  if (table === undefined || !GROWING.includes(table)) return below;
  // A plan made for its values knows that most rows match, and stops early. A plan for any values only hopes so.
  if (type === "Seq Scan" && isForItsValues && isLimited) return below;
  if (type === "Seq Scan") return [`reads all of ${table}`, ...below];
  const readsIndex = type === "Index Scan" || type === "Index Only Scan";
  if (readsIndex && node["Index Cond"] === undefined && !isLimited && !SMALL_INDEXES.includes(node["Index Name"])) {
    return [`reads all of ${table} by the index ${node["Index Name"]}`, ...below];
  }
  return below;
}

/** A limit ends the reading of what is below it, unless something in between must have read everything first. */
function limits(node: PlanNode, child: PlanNode, isLimited: boolean): boolean {
  if (child["Parent Relationship"] === "InitPlan" || child["Parent Relationship"] === "SubPlan") return false;
  if (node["Node Type"] === "Limit") return true;
  return isLimited && !["Sort", "Aggregate", "Hash", "WindowAgg"].includes(node["Node Type"]);
}

/** A bare clock is read again for each row and no index condition; an optional condition neither, in a generic plan. */
function conditionFaults(node: PlanNode): string[] {
  const table = node["Relation Name"];
  return CONDITIONS.flatMap((kind) => {
    const condition = node[kind];
    if (typeof condition !== "string") return [];
    // In brackets of its own it stands for a column of a sub-select, which is read once.
    const asksClock = /(?<!\()(clock_timestamp|byo\.now)\(\)|\((clock_timestamp|byo\.now)\(\)(?!\))/.test(condition);
    const isOptional = table !== undefined && GROWING.includes(table) && /\$\d+ IS NULL\)? OR/.test(condition);
    return [
      ...(asksClock ? [`asks the clock for each row: ${condition}`] : []),
      ...(isOptional ? [`an optional condition: ${condition}`] : []),
    ];
  });
}
