import { defineCommand } from "./command.ts";

export const updateSession = defineCommand("UpdateSession", (data, { sessions, actor }) =>
  sessions.update.one(data, actor),
);
