import { defineCommand } from "./command.ts";

export const invalidateSessionById = defineCommand("InvalidateSessionById", (data, { sessions, actor }) =>
  sessions.invalidate.byId(data, { actor }),
);
