const KEY = "byo-dashboard-zone";
const UTC = "UTC";

const ownZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
const listeners = new Set<() => void>();
let shown = localStorage.getItem(KEY) === UTC ? UTC : ownZone;

/** The zone of all times on the page: the reader's own, or UTC. */
export function shownZone(): string {
  return shown;
}

/** The zone to switch to; undefined where the reader's own is UTC. */
export function otherZone(): string | undefined {
  if (shown !== ownZone) return ownZone;
  return ownZone === UTC ? undefined : UTC;
}

/** Kept in this browser, for the next visit. */
export function showZone(zone: string): void {
  shown = zone;
  localStorage.setItem(KEY, zone);
  for (const listener of listeners) listener();
}

export function onZoneChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
