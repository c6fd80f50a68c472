import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type AdmissionRules, createAdmission } from "../listening/admission.ts";

/** Whether a request may read the metrics. */
export type MetricsAccess = (request: IncomingMessage) => boolean;

/**
 * With a token if one is set, otherwise only from this machine. Settings that open the dashboard to others do not open
 * the metrics, which have no login.
 */
export function createMetricsAccess(
  metricsToken: string | undefined,
  rules: Pick<AdmissionRules, "publishedOnLoopback" | "addressHeader">,
): MetricsAccess {
  if (metricsToken === undefined) {
    const admission = createAdmission({ ...rules, origin: undefined, hasOwnPort: false });
    return (request) => admission(request) === "local";
  }
  const expected = digest(metricsToken);
  return ({ headers }) => {
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1] ?? "";
    return timingSafeEqual(digest(token), expected);
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
