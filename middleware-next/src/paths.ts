import { addBasePath } from "next/dist/client/add-base-path.js";

/** `basePath` of next.config, which the build writes into the application and Next tells by no other way. */
const BASE_PATH = addBasePath("/").replace(/\/$/, "");

/** The address of one request: as browsers see it, and as the application's own routes and links are written. */
export interface Address {
  /** Path and query. */
  readonly target: string;
  /** The same without `basePath`. */
  readonly routedTarget: string;
}

/** From either form of the path: Next shows the proxy the one and the server the other. */
export function addressOf({ pathname, search }: { pathname: string; search: string }): Address {
  const routed = withoutBasePath(pathname);
  const query = withoutRouterQuery(search);
  return { target: withBasePath(routed) + query, routedTarget: routed + query };
}

function withoutBasePath(path: string): string {
  if (BASE_PATH === "" || !path.startsWith(BASE_PATH)) return path;
  const rest = path.slice(BASE_PATH.length);
  return rest === "" ? "/" : rest.startsWith("/") ? rest : path;
}

/** Of a path of the application; an address of another site stays as it is. */
export function withBasePath(path: string): string {
  if (!path.startsWith("/") || path.startsWith("//")) return path;
  return BASE_PATH !== "" && path === "/" ? BASE_PATH : BASE_PATH + path;
}

/** The public address in front of `basePath`, which is written with it or without. */
export function beforeBasePath(publicUrl: string): string {
  const url = publicUrl.replace(/\/$/, "");
  return BASE_PATH !== "" && url.endsWith(BASE_PATH) ? url.slice(0, -BASE_PATH.length) : publicUrl;
}

/** What Next's router adds to what it asks for; no address that a user goes back to. */
function withoutRouterQuery(search: string): string {
  if (!search.includes("_rsc")) return search;
  const kept = search
    .slice(1)
    .split("&")
    .filter((pair) => !/^_rsc(=|$)/.test(pair));
  return kept.length === 0 ? "" : `?${kept.join("&")}`;
}
