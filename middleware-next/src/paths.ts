import { addBasePath } from "next/dist/client/add-base-path.js";

/** `basePath` of next.config, which the build writes into the application and Next tells by no other way. */
const BASE_PATH: string = addBasePath("/").replace(/\/$/, "");

/** The address of one request: as browsers see it, and as the application's own routes and links are written. */
export interface Address {
  /** Path and query. */
  readonly target: string;
  /** The same without `basePath`. */
  readonly routedTarget: string;
  readonly basePath: string;
}

/** From either form of the path: Next shows the proxy the one and the server the other. */
export function addressOf({ pathname, search }: { pathname: string; search: string }): Address {
  const routed = withoutBasePath(pathname);
  const query = withoutRouterQuery(search);
  return { target: withBasePath(routed) + query, routedTarget: routed + query, basePath: BASE_PATH };
}

export function withoutBasePath(path: string): string {
  if (BASE_PATH === "" || !path.startsWith(BASE_PATH)) return path;
  const rest = path.slice(BASE_PATH.length);
  return rest === "" ? "/" : rest.startsWith("/") ? rest : path;
}

function withBasePath(path: string): string {
  return BASE_PATH !== "" && path === "/" ? BASE_PATH : BASE_PATH + path;
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
