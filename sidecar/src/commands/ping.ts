import { succeed } from "../sessions/dependencies.ts";
import { defineCommand } from "./command.ts";

export const ping = defineCommand("Ping", async (_data, { clock }) =>
  succeed({ timestamp: Math.floor((await clock()) / 1000) }),
);
