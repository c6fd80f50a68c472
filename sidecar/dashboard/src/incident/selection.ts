import { useState } from "react";
import type { IncidentSession } from "../../../src/dashboard/contract/incidents.ts";

export interface Selection {
  /** The active sessions that are selected. */
  ids: string[];
  set(sessionId: string, isSelected: boolean): void;
}

/** At first the active sessions that an intruder is in; a person's choices stay. */
export function useSelection(sessions: readonly IncidentSession[]): Selection {
  const [chosen, setChosen] = useState<Readonly<Record<string, boolean>>>({});
  const active = sessions.filter(({ endedAt }) => endedAt === null);
  return {
    ids: active
      .filter((session) => chosen[session.sessionId] ?? hasIntruder(session))
      .map(({ sessionId }) => sessionId),
    set: (sessionId, isSelected) => setChosen((earlier) => ({ ...earlier, [sessionId]: isSelected })),
  };
}

/** The incident is about an address or a device, or about everyone in its sessions. */
function hasIntruder({ clients }: IncidentSession): boolean {
  const subjects = clients.filter(({ isSubject }) => isSubject);
  return (subjects.length > 0 ? subjects : clients).some(({ role }) => role === "intruder");
}
