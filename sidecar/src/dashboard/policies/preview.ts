import { checkIp } from "../../engine/policy/ip-address.ts";
import type { Policy, PolicyBook } from "../../engine/policy/policy.ts";
import type { PolicyChange } from "../contract/policies.ts";

/** Only changes to these settings can refuse a session. The order of tags decides which lists apply. */
const OF_ADDRESSES: ReadonlySet<string> = new Set(["ip_allowlist", "ip_blocklist", "tag_priority"]);

/** The numbers of each session's tags, and its last address. */
export type AddressRows = readonly (readonly [tags: readonly number[], ipAddress: string | null])[];

export function touchesAddresses(changes: readonly PolicyChange[]): boolean {
  return changes.some(({ setting }) => OF_ADDRESSES.has(setting));
}

/** For an edit of a few tags only their sessions are checked: a sample of a busy service could miss them all. */
export function touchedTags(changes: readonly PolicyChange[]): string[] | "any" {
  const layers = [...new Set(changes.map(({ layer }) => layer))];
  return layers.includes("defaults") || layers.includes("") ? "any" : layers;
}

/** The tags by which one of the policies lets an address in or keeps it out. */
export function addressTags(...books: readonly PolicyBook[]): string[] {
  const said = books.flatMap((book) => [...book.said("ip_allowlist").tags, ...book.said("ip_blocklist").tags]);
  return [...new Set(said.map(({ tag }) => tag))];
}

/** How many sessions would be refused at their last address, while they continue at others. */
export function countRefused(
  rows: AddressRows,
  tags: readonly string[],
  before: PolicyBook,
  after: PolicyBook,
): number {
  const isRefused = (policy: Policy, ipAddress: string | null) => checkIp(policy, ipAddress ?? undefined) !== undefined;
  return rows.filter(([numbers, ipAddress]) => {
    const own = numbers.flatMap((number) => tags[number] ?? []);
    return isRefused(after.policyFor(own), ipAddress) && !isRefused(before.policyFor(own), ipAddress);
  }).length;
}
