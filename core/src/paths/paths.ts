import { pathOfTarget, type RequestView } from "../request/request-view.ts";
import { safeReturnTo } from "./return-to.ts";
import { isPath, type PublicAddress } from "./sendable.ts";

/**
 * The difference between the two paths of a request: the public path, which is in the browser's address bar and is
 * signed, and the path that the host routes by.
 */
export interface Addressed {
  readonly view: RequestView;
  readonly publicUrl: PublicAddress | undefined;
  /** The prefix that a proxy adds to the public path. */
  readonly addedPrefix: string | undefined;
}

/** The options of a gate that are about paths. */
export interface AddressSettings<N> {
  readonly publicUrl: (native: N) => PublicAddress | undefined;
  readonly addedPrefix: string | undefined;
}

/** The parts of a request that concern paths. */
export interface AddressedRequest<N> {
  readonly view: RequestView;
  readonly native: N;
  readonly parts: { readonly settings: AddressSettings<N> };
}

/** The paths of a request, by the options of its gate. */
export function addressedOf<N>({ view, native, parts }: AddressedRequest<N>): Addressed {
  const { publicUrl, addedPrefix } = parts.settings;
  return { view, publicUrl: publicUrl(native), addedPrefix };
}

/** The public path of the request, without the query. */
export function publicPathOf(addressed: Addressed): string {
  return publicPath(addressed, pathOfTarget(addressed.view.target));
}

/** A path from the options, which is relative to `publicUrl`, as browsers request it. */
export function publicFormOf({ view, publicUrl }: Addressed, address: string): string {
  if (!isPath(address)) return address;
  const prefix = publicUrl?.path ?? "";
  // Next reports where it is mounted, and adds that to the application's own addresses too.
  return within(view.basePath === undefined ? prefix : outerPrefix(prefix, view.basePath) + view.basePath, address);
}

/** Where the application can redirect a user back to the page of this request, in the form of its own paths. */
export function returnToOf(addressed: Addressed): string {
  const { view, publicUrl } = addressed;
  if (view.basePath === undefined) return publicPath(addressed, safeReturnTo(view.target));
  return outerPrefix(publicUrl?.path ?? "", view.basePath) + safeReturnTo(view.routedTarget ?? view.target);
}

/** The public path above the ready-made routes. */
export function publicRoutesOf(addressed: Addressed, routesPrefix: string): string {
  return publicPath(addressed, within(mountOf(addressed.view), routesPrefix));
}

/** The path and query of a ready-made route in both forms: below the mount, and complete. */
export function routedFormsOf({ target, routedTarget = target }: RequestView): readonly string[] {
  return routedTarget === target ? [target] : [routedTarget, target];
}

/** Whether the request is for the page at a path from the options. */
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

/** The prefix that a proxy removes from public paths: the path of `publicUrl`, which may include the mount path. */
function outerPrefix(prefix: string, mount: string): string {
  return prefix.endsWith(mount) ? prefix.slice(0, prefix.length - mount.length) : prefix;
}

/** The prefix that the host removes before it routes. */
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

/** A trailing slash does not make it another page. */
function plain(path: string): string {
  return path.replace(/(?<=.)\/$/, "");
}
