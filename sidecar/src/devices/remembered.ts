import type { CommandData, CommandResponse } from "@byo-session/core/contract";
import type { AuditLog } from "../audit/audit-log.ts";
import type { Database, Queryable } from "../db/database.ts";
import { describeDevice } from "../policy/user-agent.ts";
import { createDeviceStore } from "./store.ts";

export interface RememberedDevices {
  list(data: CommandData["FetchRememberedDevicesForUser"]): Promise<CommandResponse["FetchRememberedDevicesForUser"]>;
  forget(
    data: CommandData["ForgetRememberedDevice"],
    actor: string,
  ): Promise<CommandResponse["ForgetRememberedDevice"]>;
}

/** The devices that a user asked to remember. */
export function createRememberedDevices({ db, audit }: { db: Database; audit: AuditLog }): RememberedDevices {
  return {
    async list({ userId }) {
      const rows = await createDeviceStore(db).list(userId);
      const devices = rows.map(({ thumbprint, userAgent, firstSeenAt, lastSeenAt }) => ({
        deviceId: thumbprint,
        device: describeDevice(userAgent ?? undefined),
        firstSeenAt: Math.floor(firstSeenAt / 1000),
        lastSeenAt: Math.floor(lastSeenAt / 1000),
      }));
      return { devices };
    },
    forget: ({ userId, deviceId }, actor) =>
      audit.transaction(async (tx, record) => {
        const forgotten = await createDeviceStore(tx).forget(userId, deviceId);
        if (forgotten) record({ event: "DeviceForgotten", userId, actor, details: { deviceId } });
        return { forgotten };
      }),
  };
}

/** Notes that a user's device is seen at a log-in or a registration; says whether it is new to the user. */
export async function meetDevice(
  connection: Queryable,
  device: { userId: string; thumbprint: string; userAgent: string | undefined; remember: boolean },
): Promise<{ newDeviceDetected: boolean }> {
  const { userId, thumbprint, userAgent, remember } = device;
  const store = createDeviceStore(connection);
  const isKnown = await store.isRemembered(userId, thumbprint);
  if (remember) await store.remember(userId, thumbprint, userAgent);
  else if (isKnown) await store.see(userId, thumbprint);
  return { newDeviceDetected: !isKnown };
}
