import { defineCommand } from "./command.ts";

export const invalidateAllSessionsForUser = defineCommand("InvalidateAllSessionsForUser", (data, { sessions, actor }) =>
  sessions.invalidate.allForUser(data, actor),
);
