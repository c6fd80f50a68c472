import { defineCommand } from "./command.ts";

export const invalidateAllSessionsForUserExceptOne = defineCommand(
  "InvalidateAllSessionsForUserExceptOne",
  (data, { sessions, actor }) => sessions.invalidate.allForUserExceptOne(data, actor),
);
