import type { IncomingHttpHeaders } from "node:http";
import type { DashboardError } from "../contract/errors.ts";

/** What is said to a request that the dashboard must not answer. */
export const WRONG_HOST: DashboardError = {
  type: "WrongHost",
  message:
    "The dashboard answers on this machine, and at DASHBOARD_ORIGIN. Set that to where you open it, and let a proxy pass " +
    "the Host header on; for a container that is published on 127.0.0.1 set PUBLISHED_ON_LOOPBACK=on.",
};

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
