import { loginAddress } from "../guard.ts";
import type { GateResponse } from "../outcome.ts";
import { isNavigation, isPageNavigation, pathOfTarget, type RequestView } from "../request.ts";
import type { RequestSession } from "../request-session.ts";
import { devicePageResponse } from "./page.ts";

/** The name of the script among the ready-made routes. Without an ending, which some proxies take for a file on disk. */
export const SCRIPT_ROUTE = "prove-device";

/**
 * The answer to a request of a session with a device that shows no evidence of it. Whether it is refused has been decided:
 * what the client says of itself only chooses between a page and JSON.
 */
export function answerWithoutProof<N>(request: RequestSession<N>): GateResponse {
  const { view, native, parts } = request;
  const { refusals, settings } = parts;
  if (!isNavigation(view)) return refusals.refuse("DeviceVerificationRequired");
  const isPage = isPageNavigation(view);
  const publicUrl = settings.publicUrl(native);
  const canProve = settings.routesPrefix !== undefined && publicUrl !== undefined;
  const routes = canProve ? pathOf(publicUrl) + mountOf(view) + settings.routesPrefix : undefined;
  const kind = isPage ? "prove" : "form";
  const page = {
    kind,
    scriptUrl: routes && `${routes}/${SCRIPT_ROUTE}`,
    scriptData: { "data-kind": kind, ...(routes !== undefined && { "data-routes": routes }) },
    // The way back leads to a page, never to where a form is sent.
    loginUrl: publicLoginUrl(request, isPage ? routedOf(view) : "/"),
  } as const;
  return devicePageResponse(page, refusals, settings.devicePage);
}

function publicLoginUrl<N>({ view, parts }: RequestSession<N>, returnTo: string): string {
  const address = loginAddress(parts.settings.loginUrl ?? "/", returnTo, "DeviceVerificationRequired");
  return isPath(address) ? mountOf(view) + address : address;
}

/** Whether the request is for the page that `loginUrl` names. */
export function isLoginPage<N>({ view, native, parts }: RequestSession<N>): boolean {
  const { loginUrl, publicUrl } = parts.settings;
  return loginUrl !== undefined && isAddressOf(loginUrl, routedOf(view), publicUrl(native) ?? "");
}

/** An address in the public form that it has for users, or as it is routed, names the target. None of another host does. */
export function isAddressOf(address: string, target: string, publicUrl: string): boolean {
  if (!isPath(address) && (publicUrl === "" || URL.parse(address)?.origin !== URL.parse(publicUrl)?.origin))
    return false;
  const path = pageOf(target);
  const named = pageOf(address);
  return path === named || pathOf(publicUrl) + path === named;
}

/** The path, without the slash that some hosts end all of them with. */
function pageOf(target: string): string {
  return pathOfTarget(target).replace(/(?<=.)\/$/, "");
}

/** Browsers read two slashes, or a backslash behind one, as the start of a host. */
function isPath(address: string): boolean {
  return /^\/(?![/\\])/.test(address);
}

function routedOf({ target, routedTarget = target }: RequestView): string {
  return routedTarget;
}

/** What the host takes off the path before it routes. */
function mountOf(view: RequestView): string {
  const [path, routed] = [pathOfTarget(view.target), pathOfTarget(routedOf(view))];
  return path.endsWith(routed) ? path.slice(0, -routed.length) : "";
}

/** The path prefix of the public address, without a slash at its end. */
function pathOf(publicUrl: string): string {
  return URL.parse(publicUrl)?.pathname.replace(/\/$/, "") ?? "";
}
