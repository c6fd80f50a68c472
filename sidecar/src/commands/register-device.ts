import { defineCommand } from "./command.ts";

export const registerDevice = defineCommand("RegisterDevice", (data, { sessions, actor }) =>
  sessions.registerDevice(data, actor),
);
