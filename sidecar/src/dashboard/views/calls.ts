import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { AuditLog } from "../../engine/audit/audit-log.ts";
import type { Database } from "../../engine/db/database.ts";
import { ADMINS, call, EDITORS, EVERYBODY } from "../call.ts";
import { traceOf } from "../caller.ts";
import type { Role } from "../contract/roles.ts";
import { nothing, storedText, yesOrNo } from "../fields.ts";
import { conflict, forbidden, notFound } from "../refusal.ts";
import { parseFilter } from "../sessions/filter.ts";
import { sessionFilter } from "../sessions/filter-input.ts";
import { createViewStore } from "./store.ts";

export interface ViewContext {
  db: Database;
  audit: AuditLog;
}

const MAX_VIEWS = 100;
const mayShare = (role: Role) => EDITORS.some((one) => one === role);
const mayDeleteShared = (role: Role) => ADMINS.some((one) => one === role);

/** Filters of the list of sessions that people save under a name, for themselves or for everybody. */
export const VIEW_CALLS = {
  "views/list": call({
    method: "GET",
    access: EVERYBODY,
    input: nothing,
    async handler(_input, { login }, { db }: ViewContext) {
      const rows = await createViewStore(db).visibleTo(login.userId);
      return {
        items: rows.map(({ id, name, filter, isShared, ownerId, ownerName }) => ({
          id,
          name,
          filter,
          isShared,
          owner: ownerName,
          mayDelete: ownerId === login.userId || mayDeleteShared(login.role),
        })),
      };
    },
  }),

  /** A view of the person with the same name is replaced. */
  "views/save": call({
    method: "POST",
    access: EVERYBODY,
    input: z.strictObject({ name: storedText(60), filter: sessionFilter, isShared: yesOrNo }),
    async handler({ name, filter, isShared }, caller, { audit }: ViewContext) {
      const { login } = caller;
      if (isShared && !mayShare(login.role)) throw forbidden("Sharing a view needs the role Editor or higher.");
      parseFilter(filter);
      const view = { id: randomUUID(), ownerId: login.userId, name: name.trim(), filter, isShared };
      return audit.transaction(async (tx, record) => {
        const id = await createViewStore(tx).save(view, MAX_VIEWS);
        if (id === undefined) throw conflict(`You have ${MAX_VIEWS} views. Delete one first.`);
        record({ event: "DashboardViewSaved", ...traceOf(caller), details: { target: view.name, filter, isShared } });
        return { id };
      });
    },
  }),

  "views/delete": call({
    method: "POST",
    access: EVERYBODY,
    input: z.strictObject({ id: z.uuid({ error: "expected the id of a view" }) }),
    async handler({ id }, caller, { audit }: ViewContext) {
      const { userId, role } = caller.login;
      return audit.transaction(async (tx, record) => {
        const name = await createViewStore(tx).delete(id, userId, mayDeleteShared(role));
        if (name === undefined) throw notFound("You have no view with this id.");
        record({ event: "DashboardViewDeleted", ...traceOf(caller), details: { target: name } });
        return {};
      });
    },
  }),
};
