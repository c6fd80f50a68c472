import { sessionRoutes } from "../../../lib/sessions.ts";

export const { GET, POST, DELETE } = sessionRoutes();
