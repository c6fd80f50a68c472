import { defineCommand } from "./command.ts";

export const updateSessions = defineCommand("UpdateSessions", (data, { sessions, actor }) =>
  sessions.update.many(data, actor),
);
