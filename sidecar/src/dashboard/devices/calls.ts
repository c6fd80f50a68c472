import { z } from "zod";
import type { AuditLog } from "../../engine/audit/audit-log.ts";
import { createDeviceStore } from "../../engine/devices/store.ts";
import { describeDevice } from "../../engine/policy/user-agent.ts";
import { seconds } from "../../engine/sessions/session.ts";
import { call, EDITORS, EVERYBODY } from "../call.ts";
import { type KnownCaller, traceOf } from "../caller.ts";
import type { DeviceUsers, UserDevice, UserDevices } from "../contract/devices.ts";
import { storedText, userId } from "../fields.ts";
import { notFound } from "../refusal.ts";
import { type LivingContext, livingIn } from "../search-context.ts";
import { createDeviceUseStore, MAX_SESSIONS_OF_KEY } from "./store.ts";

export interface DeviceContext extends LivingContext {
  audit: AuditLog;
}

const MAX_DEVICES = 100;
const MAX_USERS = 100;
/** One call forgets at most this often. */
const MAX_FORGOTTEN = 1_000;

const thumbprint = storedText(128);

/** The devices of users, by the thumbprint of their key. */
export const DEVICE_CALLS = {
  /** Remembered ones, and those that sessions were bound to: the one seen last is the first. */
  "devices/of-user": call({
    method: "GET",
    access: EVERYBODY,
    input: z.strictObject({ userId }),
    async handler({ userId }, _caller, context: DeviceContext): Promise<UserDevices> {
      const { boundedDb } = context;
      const store = createDeviceUseStore(boundedDb);
      const living = await livingIn(context);
      const [remembered, bound] = await Promise.all([
        createDeviceStore(boundedDb).list(userId),
        store.boundTo(userId, MAX_DEVICES + 1, living),
      ]);
      const boundRows = new Map(bound.map((row) => [row.thumbprint, row]));
      const isRemembered = new Set(remembered.map(({ thumbprint }) => thumbprint));
      const lastSeen = (row: { thumbprint: string; lastSeenAt: number }) =>
        Math.max(row.lastSeenAt, boundRows.get(row.thumbprint)?.lastSeenAt ?? 0);
      const found = [...remembered, ...bound.filter(({ thumbprint }) => !isRemembered.has(thumbprint))].sort(
        (a, b) => lastSeen(b) - lastSeen(a),
      );
      const all = found.slice(0, MAX_DEVICES);
      const others = await store.otherUsers(
        userId,
        all.map(({ thumbprint }) => thumbprint),
      );
      const devices = all.map((row): UserDevice => {
        const use = boundRows.get(row.thumbprint);
        return {
          thumbprint: row.thumbprint,
          device: describeDevice(row.userAgent ?? undefined),
          firstSeenAt: seconds(Math.min(row.firstSeenAt, use?.firstSeenAt ?? row.firstSeenAt)),
          lastSeenAt: seconds(lastSeen(row)),
          isRemembered: isRemembered.has(row.thumbprint),
          sessions: use?.sessions ?? 0,
          active: use?.active ?? 0,
          otherUsers: others.get(row.thumbprint) ?? 0,
        };
      });
      return { devices, hasMore: found.length > all.length };
    },
  }),

  /** Who has used this device. */
  "devices/users": call({
    method: "GET",
    access: EVERYBODY,
    input: z.strictObject({ thumbprint }),
    async handler({ thumbprint }, _caller, context: DeviceContext): Promise<DeviceUsers> {
      const store = createDeviceUseStore(context.boundedDb);
      const rows = await store.users(thumbprint, MAX_USERS + 1, await livingIn(context));
      const users = rows.slice(0, MAX_USERS).map(({ userAgent, firstSeenAt, lastSeenAt, ...row }) => ({
        ...row,
        device: describeDevice(userAgent ?? undefined),
        firstSeenAt: seconds(firstSeenAt),
        lastSeenAt: seconds(lastSeenAt),
      }));
      const counted = rows.reduce((sum, { sessions }) => sum + sessions, 0);
      return { users, isCapped: rows.length > MAX_USERS || counted >= MAX_SESSIONS_OF_KEY };
    },
  }),

  /**
   * Forgets a remembered device, of one user or of all: it counts as new at the next login. Sessions that are bound to it
   * stay.
   */
  "devices/forget": call({
    method: "POST",
    access: EDITORS,
    input: z.strictObject({ thumbprint, userId: userId.optional() }),
    async handler({ thumbprint: deviceId, userId }, caller, { audit }: DeviceContext): Promise<{ forgotten: number }> {
      const forgotten = await audit.transaction(async (tx, record) => {
        const store = createDeviceStore(tx);
        if (userId !== undefined) {
          if (!(await store.forget(userId, deviceId))) return 0;
          record({ event: "DeviceForgotten", userId, ...forgottenBy(caller, { deviceId }) });
          return 1;
        }
        const users = await store.forgetOfAllUsers(deviceId, MAX_FORGOTTEN);
        for (const user of users) {
          const details = { deviceId, bulk: `device ${deviceId}` };
          record({ event: "DeviceForgotten", userId: user, ...forgottenBy(caller, details) });
        }
        if (users.length > 0) {
          const details = { target: deviceId, users: users.length };
          record({ event: "DeviceForgottenForAll", ...traceOf(caller), details });
        }
        return users.length;
      });
      if (forgotten === 0) throw notFound("No user has this device among the remembered ones.");
      return { forgotten };
    },
  }),
};

/** The caller's address goes into the details: as the event's address it would look like the user's in a timeline. */
function forgottenBy(caller: KnownCaller, details: Record<string, string>) {
  const { actor, ...by } = traceOf(caller);
  return { actor, details: { ...details, by } };
}
