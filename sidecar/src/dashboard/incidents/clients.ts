import { describeDevice } from "../../engine/policy/user-agent.ts";
import { seconds } from "../../engine/sessions/session.ts";
import type { SessionDevice } from "../contract/sessions.ts";
import type { ListedRow } from "../sessions/store.ts";
import type { ClientEventRow } from "./clients-store.ts";

/** A client whose role is not decided yet. */
export interface SeenClient {
  ipAddress: string | null;
  device: SessionDevice;
  firstSeenAt: number;
  lastSeenAt: number;
  events: ClientEventRow[];
  isLogin: boolean;
}

/** Everyone who used a session or tried to: one client for each address and browser, whatever the browser's version. */
export function clientsOf(row: ListedRow, events: readonly ClientEventRow[]): SeenClient[] {
  const login: SeenClient = {
    ipAddress: row.ipAddress,
    device: describeDevice(row.userAgent ?? undefined),
    firstSeenAt: seconds(row.createdAt),
    lastSeenAt: seconds(row.createdAt),
    events: [],
    isLogin: true,
  };
  const clients = new Map<string, SeenClient>([[keyOf(login), login]]);
  for (const event of events) {
    const { ipAddress, firstSeenAt, lastSeenAt } = event;
    const device = describeDevice(event.userAgent ?? undefined);
    const key = keyOf({ ipAddress, device });
    const client = clients.get(key) ?? { ipAddress, device, firstSeenAt, lastSeenAt, events: [], isLogin: false };
    client.firstSeenAt = Math.min(client.firstSeenAt, firstSeenAt);
    client.lastSeenAt = Math.max(client.lastSeenAt, lastSeenAt);
    client.events.push(event);
    clients.set(key, client);
  }
  return [...clients.values(), ...lastUseOf(row, [...clients.values()])];
}

/** The address of the last use, if no event has it: nothing says which browser that was. */
function lastUseOf({ lastIpAddress, lastActivityAt }: ListedRow, known: readonly SeenClient[]): SeenClient[] {
  if (lastIpAddress === null || known.some(({ ipAddress }) => ipAddress === lastIpAddress)) return [];
  const at = seconds(lastActivityAt);
  const device = describeDevice(undefined);
  return [{ ipAddress: lastIpAddress, device, firstSeenAt: at, lastSeenAt: at, events: [], isLogin: false }];
}

function keyOf({ ipAddress, device }: Pick<SeenClient, "ipAddress" | "device">): string {
  return JSON.stringify([ipAddress, device.browser, device.os]);
}
