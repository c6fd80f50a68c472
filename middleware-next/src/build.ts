import { servedByNext } from "./next-server.ts";

/**
 * What answers at a path: a page of the App Router that is rendered for each request, and can set no cookie; a handler or a
 * page of the Pages Router, which can, and asks for its session itself; or what is the same for everybody.
 */
export type Behind = "page" | "handler" | "fixed";

/** Of a path as Next routes it, without `basePath` and locale. */
export type Build = (path: string, locale: string | undefined) => Behind;

interface Manifests {
  readonly "routes-manifest.json": {
    readonly basePath?: string;
    readonly rewrites:
      | readonly Pattern[]
      | Readonly<Record<"beforeFiles" | "afterFiles" | "fallback", readonly Pattern[]>>;
    readonly staticRoutes: readonly Route[];
    readonly dynamicRoutes: readonly Route[];
  };
  /** What is rendered by which file; the files of pages end with `/page`. */
  readonly "app-path-routes-manifest.json": Readonly<Record<string, string>>;
  readonly "prerender-manifest.json": Readonly<Record<"routes" | "dynamicRoutes", Readonly<Record<string, Prerender>>>>;
}

interface Pattern {
  readonly regex: string;
}

interface Route extends Pattern {
  readonly page: string;
}

/** `experimentalPPR`: a part may be rendered for each request; none is where `compute` says so. */
interface Prerender {
  readonly compute?: string;
  readonly experimentalPPR?: boolean;
}

/** What Next's build has written down, which its own server goes by. Undefined where there is no such server or no file of it. */
export function readBuild(): Build | undefined {
  const fs = globalThis.process?.getBuiltinModule?.("node:fs");
  const served = servedByNext();
  if (!fs || !served) return undefined;
  const read = <Name extends keyof Manifests>(name: Name): Manifests[Name] =>
    JSON.parse(fs.readFileSync(`${served.buildFolder}/${name}`, "utf8"));
  try {
    return buildOf(
      read("routes-manifest.json"),
      read("app-path-routes-manifest.json"),
      read("prerender-manifest.json"),
    );
  } catch {
    return undefined;
  }
}

function buildOf(
  { basePath = "", rewrites, staticRoutes, dynamicRoutes }: Manifests["routes-manifest.json"],
  files: Manifests["app-path-routes-manifest.json"],
  prerendered: Manifests["prerender-manifest.json"],
): Build {
  const exact = new Set(staticRoutes.map(({ page }) => page));
  const patterns = dynamicRoutes.map(({ page, regex }) => ({ page, regex: new RegExp(regex) }));
  const pages = new Set(Object.keys(files).flatMap((file) => (file.endsWith("/page") ? files[file] : [])));
  const { beforeFiles, afterFiles } = "beforeFiles" in rewrites ? rewrites : { beforeFiles: [], afterFiles: rewrites };
  const rewritten = [...beforeFiles, ...afterFiles].map(({ regex }) => new RegExp(regex));

  return (asked, locale) => {
    const path = asked.replace(/(?<=.)\/$/, "");
    const written = basePath + (locale ? `/${locale}` : "") + path;
    // Where a rewrite leads is not looked at. That may be such a page.
    if (rewritten.some((regex) => regex.test(written))) return "page";
    const page = exact.has(path) ? path : (patterns.find(({ regex }) => regex.test(path))?.page ?? "/_not-found");
    if (!pages.has(page)) return "handler";
    const { routes, dynamicRoutes } = prerendered;
    return [routes[path], routes[page], dynamicRoutes[page]].some(isFixed) ? "fixed" : "page";
  };
}

function isFixed(prerender: Prerender | undefined): boolean {
  return prerender !== undefined && (prerender.experimentalPPR !== true || prerender.compute === "static");
}
