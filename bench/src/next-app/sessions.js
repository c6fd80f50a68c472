import { createSessions } from "@byo-session/next";

export const { proxy, requireSession, withByo, withSession } = createSessions({ hold: process.env.HOLD !== "off" });
