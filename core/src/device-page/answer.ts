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

/**
 * The name of the script among the ready-made routes. It has no extension, because some proxies would look for a file
 * on disk.
 */
export const SCRIPT_ROUTE = "prove-device";

/** The parts of a request that these pages need. */
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
 * The response to a request that shows no evidence of its session's device. The refusal is already decided: the
 * request's headers only choose between a page and JSON.
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
  // `returnTo` is a page, never the target of a form.
  const returnTo = isPage ? returnToOf(addressed) : "/";
  const page = {
    kind,
    scriptUrl: routes && `${routes}/${SCRIPT_ROUTE}`,
    scriptData: { "data-kind": kind, ...(routes !== undefined && { "data-routes": routes }) },
    loginUrl: loginAddress(addressed, settings.loginUrl ?? "/", returnTo, "DeviceVerificationRequired"),
  } as const;
  return devicePageResponse(page, refusals, settings.devicePage);
}

/** Whether the request is for the page at `loginUrl`. */
export function isLoginPage<N>(request: PageRequest<N>): boolean {
  const { loginUrl } = request.parts.settings;
  return loginUrl !== undefined && isPageAt(addressedOf(request), loginUrl);
}
