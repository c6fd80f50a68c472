import { z } from "zod";
import { CidrSet, isCidr } from "../policy/ip-address.ts";

/** Addresses and CIDRs, separated by commas. Default: none. */
export const privateTargets = z
  .string()
  .default("")
  .transform((text) => text.split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()])))
  .refine((parts) => parts.every(isCidr), {
    error: "expected addresses or CIDRs, separated by commas, such as 10.1.2.0/24,fd00::7",
    abort: true,
  })
  .transform((parts) => CidrSet.of(parts));
