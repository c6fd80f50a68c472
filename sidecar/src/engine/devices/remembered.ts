import type { CommandData, CommandResponse } from "@byo-session/core/contract";
import type { AuditLog } from "../audit/audit-log.ts";
import type { AuditEvent } from "../audit/event.ts";
import type { Database, Queryable } from "../db/database.ts";
import type { Policy } from "../policy/policy.ts";
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

interface MetDevice {
  userId: string;
  thumbprint: string;
  userAgent: string | undefined;
  remember: boolean;
}

/**
 * Notes a user's device at a login or a registration, and returns whether it is new to the user. Beyond the policy's
 * limit a newly remembered device replaces the one not seen for longest.
 */
export async function meetDevice(
  tx: Queryable,
  record: (event: AuditEvent) => void,
  { userId, thumbprint, userAgent, remember }: MetDevice,
  { max_remembered_devices_per_user: max }: Policy,
): Promise<{ newDeviceDetected: boolean }> {
  const store = createDeviceStore(tx);
  const isKnown = await store.isRemembered(userId, thumbprint);
  if (remember) {
    await store.remember(userId, thumbprint, userAgent);
    for (const deviceId of await store.forgetSurplus(userId, max)) {
      record({ event: "DeviceForgotten", userId, actor: "system", reason: "DeviceLimit", details: { deviceId } });
    }
  } else if (isKnown) await store.see(userId, thumbprint);
  return { newDeviceDetected: !isKnown };
}
