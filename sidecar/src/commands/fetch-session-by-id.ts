import { defineCommand } from "./command.ts";

export const fetchSessionById = defineCommand("FetchSessionById", (data, { sessions }) => sessions.list.byId(data));
