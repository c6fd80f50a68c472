import type { IncomingHttpHeaders } from "node:http";
import type { DashboardError } from "../contract/errors.ts";

/** The refusal for a request that the dashboard must not answer. */
export const WRONG_HOST: DashboardError = {
  type: "WrongHost",
  message:
    "The dashboard answers on this machine and at DASHBOARD_ORIGIN. Set that to the URL you open, and let the proxy pass " +
    "on the Host header. For a container that is published on 127.0.0.1, set PUBLISHED_ON_LOOPBACK=on.",
};

/**
 * Refuses requests that another site makes a browser send. Every current browser sends Sec-Fetch-Site, and no page can
 * change it. `none` means that the person typed the address: that may read and download, but not change anything.
 */
export function crossSiteProblem(method: string, headers: IncomingHttpHeaders): DashboardError | undefined {
  const site = headers["sec-fetch-site"];
  if (site === "same-origin" || (site === "none" && method === "GET")) return undefined;
  const message = "Expected a request from the dashboard's own page, with the header Sec-Fetch-Site: same-origin.";
  return { type: "CrossSite", message };
}
