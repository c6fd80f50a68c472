import { IS_EDGE, servedByNext } from "./next-server.ts";

/**
 * What answers at a path: a page of the App Router that is rendered for each request, and can set no cookie; a handler or a
 * page of the Pages Router, which can, and asks for its session itself; or what is the same for everybody.
 */
export type Behind = "page" | "handler" | "fixed";

/** Of a path as Next routes it, without `basePath` and locale. */
export type Build = (path: string, locale: string | undefined) => Behind;

interface Pattern {
  readonly regex: string;
}

/** `routes-manifest.json` */
interface Routes {
  readonly basePath?: string;
  readonly rewrites:
    | readonly Pattern[]
    | Readonly<Record<"beforeFiles" | "afterFiles" | "fallback", readonly Pattern[]>>;
  readonly staticRoutes: readonly { readonly page: string }[];
  readonly dynamicRoutes: readonly (Pattern & { readonly page: string })[];
}

/** `prerender-manifest.json`. With `experimentalPPR` a part may be rendered for each request; none is where `compute` says so. */
type Prerenders = Readonly<
  Record<string, { readonly compute?: string; readonly experimentalPPR?: boolean } | undefined>
>;

const APP_ROUTES = "app-path-routes-manifest";

/** Reads the manifests of Next's build, which Next's own server uses too. Undefined without such a server, or without its files. */
export function readBuild(): Build | undefined {
  // On the edge runtime, even looking for Node's modules is an error.
  const fs = IS_EDGE ? undefined : globalThis.process?.getBuiltinModule?.("node:fs");
  const served = servedByNext();
  if (!fs || !served) return undefined;
  const fileOf = (name: string) => `${served.buildFolder}/${name}.json`;
  const read = (name: string) => JSON.parse(fs.readFileSync(fileOf(name), "utf8"));
  try {
    // By the file of each route of the App Router, if there is one: those of pages end with `/page`.
    const routes: Readonly<Record<string, string>> = fs.existsSync(fileOf(APP_ROUTES)) ? read(APP_ROUTES) : {};
    const pages = new Set(Object.keys(routes).flatMap((file) => (file.endsWith("/page") ? routes[file] : [])));
    return buildOf(read("routes-manifest"), pages, read("prerender-manifest"));
  } catch {
    return undefined;
  }
}

function buildOf(
  { basePath = "", rewrites, staticRoutes, dynamicRoutes }: Routes,
  pages: ReadonlySet<string | undefined>,
  prerendered: Readonly<Record<"routes" | "dynamicRoutes", Prerenders>>,
): Build {
  const exact = new Set(staticRoutes.map(({ page }) => page));
  const patterns = dynamicRoutes.map(({ page, regex }) => ({ page, regex: new RegExp(regex) }));
  const { beforeFiles, afterFiles } = "beforeFiles" in rewrites ? rewrites : { beforeFiles: [], afterFiles: rewrites };
  const rewritten = [...beforeFiles, ...afterFiles].map(({ regex }) => new RegExp(regex));

  return (asked, locale) => {
    const path = asked.replace(/(?<=.)\/$/, "");
    const written = basePath + (locale ? `/${locale}` : "") + path;
    // A rewrite may lead to a page that is rendered for each request.
    if (rewritten.some((regex) => regex.test(written))) return "page";
    const page = exact.has(path) ? path : (patterns.find(({ regex }) => regex.test(path))?.page ?? "/_not-found");
    if (!pages.has(page)) return "handler";
    const prerenders = [prerendered.routes[path], prerendered.routes[page], prerendered.dynamicRoutes[page]];
    return prerenders.some((one) => one && (!one.experimentalPPR || one.compute === "static")) ? "fixed" : "page";
  };
}
