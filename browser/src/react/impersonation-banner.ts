import { type CSSProperties, createElement, type ReactNode } from "react";
import type { ClientSession } from "../session/state.ts";

export interface ImpersonationBannerProps {
  /** The session, from `useSession()` or from the server. */
  session: ClientSession | null;
  /** The prefix of the middleware's ready-made routes, as the browser sees it. Default: `/session`. */
  routesPrefix?: string;
  /** The text of the banner. Default: `<employee> acts as <user>.` */
  children?: ReactNode;
  /** The text of the button. Default: `Stop`. */
  stop?: ReactNode;
  /** For your own style. Default: a plain yellow bar. */
  className?: string;
}

const PLAIN: CSSProperties = {
  display: "flex",
  gap: "1rem",
  justifyContent: "center",
  alignItems: "center",
  padding: "0.5rem",
  background: "#fde68a",
  color: "#1f2937",
};

/**
 * Says that an employee acts as the user, with a button that ends it; nothing for everybody else. Put it into the layout.
 * The button is a form, so it also works before the page's scripts run. Then `/` is loaded.
 */
export function ImpersonationBanner(props: ImpersonationBannerProps): ReactNode {
  const { session, routesPrefix = "/session", children, stop = "Stop", className } = props;
  const { employeeEmail } = impersonatorOf(session) ?? {};
  if (!session || employeeEmail === undefined) return null;
  const action = routesPrefix.endsWith("/")
    ? `${routesPrefix}stop-impersonating/`
    : `${routesPrefix}/stop-impersonating`;
  return createElement(
    "div",
    { role: "status", ...(className === undefined ? { style: PLAIN } : { className }) },
    createElement("span", null, children ?? `${employeeEmail} acts as ${session.userId}.`),
    createElement("form", { method: "post", action }, createElement("button", { type: "submit" }, stop)),
  );
}

/** An application's own type of sessions may not declare it. */
function impersonatorOf(session: { impersonator?: unknown } | null): { employeeEmail?: string } | undefined {
  const { employeeEmail } = Object(session?.impersonator);
  return typeof employeeEmail === "string" ? { employeeEmail } : undefined;
}
