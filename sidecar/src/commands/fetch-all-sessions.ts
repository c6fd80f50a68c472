import { defineCommand } from "./command.ts";

export const fetchAllSessions = defineCommand("FetchAllSessions", (data, { sessions }) => sessions.list.page(data));
