import { z } from "zod";
import { CidrSet } from "../../engine/policy/ip-address.ts";
import { call, EVERYBODY } from "../call.ts";
import type { Attention, IncidentPage } from "../contract/incidents.ts";
import { EXACT_TIME, formatCursor, parseCursor, UUID } from "../cursor.ts";
import { cursor, nothing } from "../fields.ts";
import type { Counters } from "../overview/counters.ts";
import { livingIn } from "../search-context.ts";
import { type SessionContext, summaries } from "../sessions/calls.ts";
import { parseFilter } from "../sessions/filter.ts";
import { FILTER, type SessionFilter } from "../sessions/filter-input.ts";
import { createSearchStore, type ListedRow } from "../sessions/store.ts";
import { createClientsStore } from "./clients-store.ts";
import { type IncidentFacts, judge } from "./judge.ts";

export interface IncidentContext extends SessionContext {
  /** What needs attention, a few seconds old at most. */
  attention: () => Promise<Attention>;
  counters: Pick<Counters, "flush">;
}

const PAGE_SIZE = 25;
/** Of how many addresses of a page it is asked whose sessions else they touched. */
const MAX_ADDRESSES = 50;

/** What needs attention, and who is who in it. */
export const INCIDENT_CALLS = {
  "incidents/attention": call({
    method: "GET",
    access: EVERYBODY,
    input: nothing,
    async handler(_input, _caller, { audit, counters, attention }: IncidentContext): Promise<Attention> {
      await Promise.all([audit.flush(), counters.flush()]);
      return attention();
    },
  }),

  /** The sessions of a filter, each with everyone who used it and who that probably is. */
  "incidents/sessions": call({
    method: "GET",
    access: EVERYBODY,
    input: z.strictObject({ ...FILTER, cursor: cursor.optional() }),
    async handler({ cursor, ...input }, _caller, context: IncidentContext): Promise<IncidentPage> {
      const filter = parseFilter(input);
      const [createdText, id] = parseCursor(cursor, [EXACT_TIME, UUID]) ?? [];
      const after = createdText !== undefined && id !== undefined ? { createdText, id } : undefined;
      await context.audit.flush();
      const living = await livingIn(context);
      const found = await createSearchStore(context.boundedDb).page(filter, living, after, PAGE_SIZE + 1);
      const rows = found.slice(0, PAGE_SIZE);
      const [shown, facts] = await Promise.all([summaries(rows, context), factsOf(rows, input, context)]);
      const items = shown.flatMap((summary, at) => {
        const row = rows[at];
        return row ? [{ ...summary, clients: judge(row, facts) }] : [];
      });
      const last = rows.at(-1);
      return { items, next: found.length > PAGE_SIZE && last ? formatCursor(last.createdText, last.id) : null };
    },
  }),
};

async function factsOf(
  rows: readonly ListedRow[],
  { ip, browser, os, deviceType }: SessionFilter,
  { boundedDb }: IncidentContext,
): Promise<IncidentFacts> {
  const store = createClientsStore(boundedDb);
  const ids = rows.map(({ id }) => id);
  const [events, logins] = await Promise.all([
    store.events(ids),
    store.logins([...new Set(rows.map(({ userId }) => userId))]),
  ]);
  const seen = [...rows, ...events].flatMap(({ ipAddress }) => (ipAddress === null ? [] : [ipAddress]));
  const usersAt = await store.usersAt([...new Set(seen)].slice(0, MAX_ADDRESSES));
  const network = ip === undefined ? undefined : CidrSet.of([ip.trim()]);
  const isOfDevice = browser !== undefined || os !== undefined || deviceType !== undefined;
  return {
    events,
    logins,
    usersAt: new Map(usersAt.map(({ ipAddress, users }) => [ipAddress, users])),
    isSubject: ({ ipAddress, device }) =>
      (network !== undefined || isOfDevice) &&
      (network === undefined || (ipAddress !== null && network.contains(ipAddress))) &&
      (browser === undefined || device.browser === browser) &&
      (os === undefined || device.os === os) &&
      (deviceType === undefined || device.deviceType === deviceType),
  };
}
