import { defineCommand } from "./command.ts";

export const validateSession = defineCommand("ValidateSession", (data, { sessions }) =>
  sessions.validate(data, { refresh: false }),
);
