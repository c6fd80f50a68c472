import { succeed } from "../sessions/dependencies.ts";
import { defineCommand } from "./command.ts";

export const fetchRememberedDevicesForUser = defineCommand(
  "FetchRememberedDevicesForUser",
  async (data, { rememberedDevices }) => succeed(await rememberedDevices.list(data)),
);
