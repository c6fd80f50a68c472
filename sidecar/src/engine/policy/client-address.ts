import { canonicalIp } from "./ip-address.ts";

/** A command's data as services get it: `ipAddress` is canonical, or undefined if the text was not an address. */
export type WithClientAddress<Data> = Data & { isIpMalformed: boolean };

/** Makes the client's address canonical. Called once, where a command comes in. */
export function withClientAddress<Data extends object>(data: Data): WithClientAddress<Data> {
  const text = "ipAddress" in data ? data.ipAddress : undefined;
  if (typeof text !== "string") return { ...data, isIpMalformed: false };
  const ipAddress = canonicalIp(text);
  return { ...data, ipAddress, isIpMalformed: ipAddress === undefined };
}
