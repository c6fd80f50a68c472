import { createSessions } from "@byo-session/next";
import { hostOptions } from "./options.ts";

export const { byo, corsHeaders, proxy, withByo, withSession } = createSessions(hostOptions());
