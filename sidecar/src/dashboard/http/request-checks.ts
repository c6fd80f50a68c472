import type { IncomingHttpHeaders } from "node:http";
import { isLoopback } from "../../config/env.ts";
import type { DashboardError } from "../contract/errors.ts";

/**
 * A page of another site can make a name of its own point to 127.0.0.1 (DNS rebinding) and is then of the same origin as
 * what answers there: so the name in the request has to be one that an attacker cannot own.
 */
export function hostProblem(host: string | undefined, origin: string | undefined): DashboardError | undefined {
  const url = URL.parse(`http://${host ?? ""}/`);
  const isPlain = url !== null && host !== undefined && /^[\w.:[\]-]+$/.test(host);
  if (isPlain && (isLoopback(url.hostname.replace(/^\[|\]$/g, "")) || isOrigin(host, origin))) return undefined;
  const message = "The dashboard answers on this machine, and at DASHBOARD_ORIGIN. Set that to where you open it.";
  return { type: "WrongHost", message };
}

function isOrigin(host: string, origin: string | undefined): boolean {
  const expected = origin === undefined ? null : URL.parse(origin);
  // Parsed alike, so that the port that is the default of the scheme may stand there or not.
  return expected !== null && URL.parse(`${expected.protocol}//${host}/`)?.host === expected.host;
}

/**
 * What another site makes a browser send is refused. Every browser of today says where a request comes from, and no page
 * can change that header; `none` is an address that the person typed, which may read and download, never change.
 */
export function crossSiteProblem(method: string, headers: IncomingHttpHeaders): DashboardError | undefined {
  const site = headers["sec-fetch-site"];
  if (site === "same-origin" || (site === "none" && method === "GET")) return undefined;
  const message = "Expected a request of the dashboard's own page, with the header Sec-Fetch-Site: same-origin.";
  return { type: "CrossSite", message };
}
