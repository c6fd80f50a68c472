import { defineCommand } from "./command.ts";

export const redeemUpgradeTicket = defineCommand("RedeemUpgradeTicket", (data, { tickets }) => tickets.redeem(data));
