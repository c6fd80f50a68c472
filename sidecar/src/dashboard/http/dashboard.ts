import type { FastifyInstance } from "fastify";
import type { Pages } from "./page-routes.ts";
import type { SetSecurityHeaders } from "./security-headers.ts";

/** The dashboard, for the port that it is added to. */
export interface Dashboard {
  /** Adds it to a port; gives what answers the addresses of its page. */
  addTo(app: FastifyInstance): Pages;
  setSecurityHeaders: SetSecurityHeaders;
}
