import { defineCommand } from "./command.ts";

export const invalidateSessionByToken = defineCommand("InvalidateSessionByToken", (data, { sessions }) =>
  sessions.invalidate.byToken(data),
);
