import { defineCommand } from "./command.ts";

export const createSession = defineCommand("CreateSession", (data, { sessions, actor }) =>
  sessions.create(data, actor),
);
