import type { IncidentClient } from "../contract/incidents.ts";
import type { ListedRow } from "../sessions/store.ts";
import { clientsOf, type SeenClient } from "./clients.ts";
import type { ClientEventRow, LoginRow } from "./clients-store.ts";
import { evidenceFor, roleOf } from "./evidence.ts";

export interface IncidentFacts {
  events: readonly ClientEventRow[];
  logins: readonly LoginRow[];
  usersAt: ReadonlyMap<string, number>;
  isSubject: (client: Pick<SeenClient, "ipAddress" | "device">) => boolean;
}

/** Says of each client of a session who it probably is; those of the incident first, then the latest first. */
export function judge(row: ListedRow, facts: IncidentFacts): IncidentClient[] {
  const clients = clientsOf(
    row,
    facts.events.filter(({ sessionId }) => sessionId === row.id),
  );
  const others = facts.logins.filter(({ userId, sessionId }) => userId === row.userId && sessionId !== row.id);
  return clients
    .map((client): IncidentClient => {
      const evidence = evidenceFor(client, { clients, others, usersAt: facts.usersAt });
      const { ipAddress, device, firstSeenAt, lastSeenAt } = client;
      const isSubject = facts.isSubject(client);
      return { ipAddress, device, firstSeenAt, lastSeenAt, isSubject, role: roleOf(evidence), evidence };
    })
    .sort((a, b) => Number(b.isSubject) - Number(a.isSubject) || b.lastSeenAt - a.lastSeenAt);
}
