import { createSessions } from "@byo-session/next";
import { hostOptions } from "./options.ts";

export const { authenticateUpgrade, byo, corsHeaders, proxy, withByo, withSession } = createSessions(hostOptions());
