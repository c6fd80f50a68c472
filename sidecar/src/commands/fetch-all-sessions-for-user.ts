import { defineCommand } from "./command.ts";

export const fetchAllSessionsForUser = defineCommand("FetchAllSessionsForUser", (data, { sessions }) =>
  sessions.list.ofUser(data),
);
