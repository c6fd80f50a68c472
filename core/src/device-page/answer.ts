import type { GateResponse } from "../answers/gate-response.ts";
import type { Refusals } from "../answers/refusals.ts";
import { loginAddress } from "../paths/login-address.ts";
import {
  type AddressedRequest,
  type AddressSettings,
  addressedOf,
  isPageAt,
  publicRoutesOf,
  returnToOf,
} from "../paths/paths.ts";
import { isNavigation, isPageNavigation } from "../request/request-view.ts";
import { type DevicePage, type DevicePageAnswer, devicePageResponse } from "./page.ts";

/** The name of the script among the ready-made routes. Without an ending, which some proxies take for a file on disk. */
export const SCRIPT_ROUTE = "prove-device";

/** A request of a gate, as far as these pages go. */
interface PageRequest<N> extends AddressedRequest<N> {
  readonly parts: {
    readonly refusals: Refusals;
    readonly settings: AddressSettings<N> & {
      readonly routesPrefix: string | undefined;
      readonly loginUrl?: string | undefined;
      readonly devicePage?: ((page: DevicePage) => DevicePageAnswer) | undefined;
    };
  };
}

/**
 * The answer to a request of a session with a device that shows no evidence of it. Whether it is refused has been decided:
 * what the client says of itself only chooses between a page and JSON.
 */
export function answerWithoutProof<N>(request: PageRequest<N>): GateResponse {
  const { view, parts } = request;
  const addressed = addressedOf(request);
  const { refusals, settings } = parts;
  if (!isNavigation(view)) return refusals.refuse("DeviceVerificationRequired");
  const isPage = isPageNavigation(view);
  const { routesPrefix } = settings;
  const canProve = routesPrefix !== undefined && addressed.publicUrl !== undefined;
  const routes = canProve ? publicRoutesOf(addressed, routesPrefix) : undefined;
  const kind = isPage ? "prove" : "form";
  // The way back leads to a page, never to where a form is sent.
  const returnTo = isPage ? returnToOf(addressed) : "/";
  const page = {
    kind,
    scriptUrl: routes && `${routes}/${SCRIPT_ROUTE}`,
    scriptData: { "data-kind": kind, ...(routes !== undefined && { "data-routes": routes }) },
    loginUrl: loginAddress(addressed, settings.loginUrl ?? "/", returnTo, "DeviceVerificationRequired"),
  } as const;
  return devicePageResponse(page, refusals, settings.devicePage);
}

/** Whether the request is for the page that `loginUrl` names. */
export function isLoginPage<N>(request: PageRequest<N>): boolean {
  const { loginUrl } = request.parts.settings;
  return loginUrl !== undefined && isPageAt(addressedOf(request), loginUrl);
}
