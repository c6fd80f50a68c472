import { canonicalIp } from "../policy/ip-address.ts";
import { fail, succeed } from "../sessions/dependencies.ts";
import { defineCommand } from "./command.ts";

export const createDeviceChallenge = defineCommand("CreateDeviceChallenge", async (data, { devices }) => {
  const ip = data.ipAddress === undefined ? undefined : canonicalIp(data.ipAddress);
  if (data.ipAddress !== undefined && ip === undefined) {
    return fail({ type: "UnexpectedError", details: "ipAddress: expected an IP address" }, 400);
  }
  return succeed(await devices.challenge({ ip, userAgent: data.userAgent }));
});
