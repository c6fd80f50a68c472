import { canonicalIp } from "./ip-address.ts";

/** A command's data as services take it: `ipAddress` is canonical, and undefined where a text came that is no address. */
export type WithClientAddress<Data> = Data & { isIpMalformed: boolean };

/** Settles the client's address once, where a command comes in. */
export function withClientAddress<Data extends object>(data: Data): WithClientAddress<Data> {
  const text = "ipAddress" in data ? data.ipAddress : undefined;
  if (typeof text !== "string") return { ...data, isIpMalformed: false };
  const ipAddress = canonicalIp(text);
  return { ...data, ipAddress, isIpMalformed: ipAddress === undefined };
}
