import { createSessions } from "@byo-session/next";

export const { proxy, withByo, withSession } = createSessions();
