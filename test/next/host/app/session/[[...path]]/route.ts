import { sessionRoutes } from "@byo-session/next";

export const { GET, POST, DELETE } = sessionRoutes();
