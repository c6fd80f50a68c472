import type { Database } from "./database.ts";
import { grantsFor, roleThatLacksRights } from "./server/privileges.ts";
import { IS_TOLD, TELL } from "./session-notifications.ts";

/**
 * Gives the role of the service what it cannot give itself: its rights on the schema, and notifications of changed
 * sessions, which only the owner of the table may turn on.
 */
export async function prepareFor(
  service: Database,
  owner: Database,
  { notifies }: { notifies: boolean },
): Promise<void> {
  const role = await roleThatLacksRights(service);
  if (role !== undefined) {
    await owner.maintenance((connection) => connection.script(grantsFor(role).join(";\n")));
  }
  if (!notifies) return;
  const [trigger] = await owner.query<{ told: boolean }>(IS_TOLD);
  if (!trigger?.told) await owner.query(TELL);
}
