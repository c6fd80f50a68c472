import { succeed } from "../sessions/dependencies.ts";
import { defineCommand } from "./command.ts";

export const forgetRememberedDevice = defineCommand(
  "ForgetRememberedDevice",
  async (data, { rememberedDevices, actor }) => succeed(await rememberedDevices.forget(data, actor)),
);
