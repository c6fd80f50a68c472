import { useSyncExternalStore } from "react";
import { onZoneChange, shownZone } from "../format/zone.ts";

/** The zone of all times on the page. */
export function useZone(): string {
  return useSyncExternalStore(onZoneChange, shownZone);
}
