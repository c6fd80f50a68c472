import { pathOfTarget, type RequestView } from "../request/request-view.ts";
import { safeReturnTo } from "./return-to.ts";
import { isPath, type PublicAddress } from "./sendable.ts";

/**
 * What lies between the two paths of a request: the public one, which the browser has in its address bar and signs, and the
 * one that the host routes by.
 */
export interface Addressed {
  readonly view: RequestView;
  readonly publicUrl: PublicAddress | undefined;
  /** What a proxy has put in front of the public path. */
  readonly addedPrefix: string | undefined;
}

/** What the options of a gate say of addresses. */
export interface AddressSettings<N> {
  readonly publicUrl: (native: N) => PublicAddress | undefined;
  readonly addedPrefix: string | undefined;
}

/** A request of a gate, as far as its addresses go. */
export interface AddressedRequest<N> {
  readonly view: RequestView;
  readonly native: N;
  readonly parts: { readonly settings: AddressSettings<N> };
}

/** Of a request, by the options of its gate. */
export function addressedOf<N>({ view, native, parts }: AddressedRequest<N>): Addressed {
  const { publicUrl, addedPrefix } = parts.settings;
  return { view, publicUrl: publicUrl(native), addedPrefix };
}

/** The public path of the request, without the query. */
export function publicPathOf(addressed: Addressed): string {
  return publicPath(addressed, pathOfTarget(addressed.view.target));
}

/** An address of the options, which are written relative to `publicUrl`, as browsers ask for it. */
export function publicFormOf({ view, publicUrl }: Addressed, address: string): string {
  if (!isPath(address)) return address;
  const prefix = publicUrl?.path ?? "";
  // Next tells where it is mounted, and adds that to the application's own addresses too.
  return within(view.basePath === undefined ? prefix : outerPrefix(prefix, view.basePath) + view.basePath, address);
}

/** Where the application can lead a user back to the page of this request, as it writes the addresses of its pages. */
export function returnToOf(addressed: Addressed): string {
  const { view, publicUrl } = addressed;
  if (view.basePath === undefined) return publicPath(addressed, safeReturnTo(view.target));
  return outerPrefix(publicUrl?.path ?? "", view.basePath) + safeReturnTo(view.routedTarget ?? view.target);
}

/** The public path that the ready-made routes are below. */
export function publicRoutesOf(addressed: Addressed, routesPrefix: string): string {
  return publicPath(addressed, within(mountOf(addressed.view), routesPrefix));
}

/** The path and query of a ready-made route in the forms that it is known by: below the mount, and in whole. */
export function routedFormsOf({ target, routedTarget = target }: RequestView): readonly string[] {
  return routedTarget === target ? [target] : [routedTarget, target];
}

/** Whether the request is for the page that an address of the options names. */
export function isPageAt(addressed: Addressed, address: string): boolean {
  const { view, publicUrl } = addressed;
  if (!isPath(address) && (publicUrl === undefined || URL.parse(address)?.origin !== publicUrl.origin)) return false;
  const named = plain(pathOfTarget(publicFormOf(addressed, address)));
  const routed = pathOfTarget(view.routedTarget ?? view.target);
  return [publicPathOf(addressed), publicFormOf(addressed, routed)].some((path) => plain(path) === named);
}

/** Of a path as the host has received it. */
function publicPath({ view, publicUrl, addedPrefix }: Addressed, received: string): string {
  const added = addedPrefix ?? "";
  const mount = view.basePath ?? mountOf(view);
  const publicMount = mount === "" ? "" : without(added, mount).replace(/\/$/, "");
  return outerPrefix(publicUrl?.path ?? "", publicMount) + without(added, received);
}

/** What a proxy takes away from public paths: the path of `publicUrl`, which may be written with the mount or without. */
function outerPrefix(prefix: string, mount: string): string {
  return prefix.endsWith(mount) ? prefix.slice(0, prefix.length - mount.length) : prefix;
}

/** What the host takes off the path before it routes. */
function mountOf({ target, routedTarget = target }: RequestView): string {
  const [path, routed] = [pathOfTarget(target), pathOfTarget(routedTarget)];
  if (path.endsWith(routed)) return path.slice(0, path.length - routed.length);
  return routed === "/" ? path : "";
}

function within(prefix: string, path: string): string {
  return isWithin(prefix, path) ? path : prefix + path;
}

function without(prefix: string, path: string): string {
  if (!isWithin(prefix, path)) return path;
  const rest = path.slice(prefix.length);
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/** By whole parts of the path: `/shopping` is not within `/shop`. */
function isWithin(prefix: string, path: string): boolean {
  return path.startsWith(prefix) && ["", "/", "?", "#"].includes(path.charAt(prefix.length));
}

/** A slash at the end makes no other page of it. */
function plain(path: string): string {
  return path.replace(/(?<=.)\/$/, "");
}
