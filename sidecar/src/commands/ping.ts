import { succeed } from "../sessions/dependencies.ts";
import { defineCommand } from "./command.ts";

export const ping = defineCommand("Ping", async ({ extensions }, { clock }) =>
  succeed({
    timestamp: Math.floor((await clock()) / 1000),
    ...(extensions && { extensions: ["device-cookies" as const] }),
  }),
);
