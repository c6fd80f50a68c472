import { createSessions } from "@byo-session/next";
import { hostOptions } from "./options.ts";

export const { authenticateUpgrade, byo, corsHeaders, proxy, requireSession, withByo, withSession } = createSessions(
  hostOptions(),
);
