import type { FastifyInstance } from "fastify";
import type { Pages } from "./page-routes.ts";
import type { SetSecurityHeaders } from "./security-headers.ts";

/** The dashboard, ready to be added to a port. */
export interface Dashboard {
  /** Adds it to a port; returns what serves the addresses of its page. */
  addTo(app: FastifyInstance): Pages;
  setSecurityHeaders: SetSecurityHeaders;
}
