import { defineCommand } from "./command.ts";

export const createUpgradeTicket = defineCommand("CreateUpgradeTicket", (data, { tickets }) => tickets.create(data));
