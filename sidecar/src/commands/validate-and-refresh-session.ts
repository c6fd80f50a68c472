import { defineCommand } from "./command.ts";

export const validateAndRefreshSession = defineCommand("ValidateAndRefreshSession", (data, { sessions }) =>
  sessions.validate(data, { refresh: true }),
);
