import { targetOf } from "@byo-session/core/web";
import { addBasePath } from "next/dist/client/add-base-path.js";
import type { NextURL } from "next/dist/server/web/next-url.js";
import { removePathPrefix } from "next/dist/shared/lib/router/utils/remove-path-prefix.js";
import { servedByNext } from "./next-server.ts";

/** `basePath` of next.config, which the build writes into what it bundles. */
const BUNDLED_BASE_PATH = addBasePath("/").replace(/\/$/, "");

/** The Pages Router loads packages as they are. There the server's own word has to do. */
const basePath = (): string => BUNDLED_BASE_PATH || (servedByNext()?.basePath ?? "");

/** The address of one request: as browsers see it, and as the application's own routes and links are written. */
export interface Address {
  /** Path and query. */
  readonly target: string;
  /** The same without `basePath` and locale. */
  readonly routedTarget: string;
  readonly basePath: string;
}

/** In the App Router, which knows no locales. From either form of the path: handlers see the one and pages the other. */
export function addressOf({ pathname, search }: { pathname: string; search: string }): Address {
  const routed = withoutBasePath(pathname);
  const query = withoutRouterQuery(search);
  return { target: withBasePath(routed) + query, routedTarget: routed + query, basePath: basePath() };
}

/** In the proxy. */
export function addressOfNextUrl(url: NextURL): Address {
  const query = withoutRouterQuery(url.search);
  const routed = routedPathOf(url);
  return { target: withBasePath(localized(routed, url)) + query, routedTarget: routed + query, basePath: basePath() };
}

/** As routes are written: without `basePath` and locale. */
export function routedPathOf({ pathname, basePath: found, locale }: NextURL): string {
  if (found === basePath()) return pathname;
  // With `basePath` and a locale Next puts the locale in front of both, and then finds the first one only.
  const below = withoutBasePath(pathname);
  return below === pathname ? pathname : withoutLocale(below, locale);
}

/** The languages of the Pages Router, as the proxy and its pages are told them. */
export interface Locales {
  readonly locale?: string | undefined;
  readonly defaultLocale?: string | undefined;
}

/** A path of the application in the language of the request; an address of another site stays as it is. */
export function localized(path: string, { locale, defaultLocale }: Locales): string {
  const isDefault = !locale || locale.toLowerCase() === defaultLocale?.toLowerCase();
  return isDefault || !isPath(path) ? path : `/${locale}${path === "/" ? "" : path}`;
}

function withoutLocale(path: string, locale: string | undefined): string {
  return locale ? removePathPrefix(path, `/${locale}`) : path;
}

/**
 * In the Pages Router, by the address as it was asked for. For the data of a page, that is not its own address: the page's
 * is where a user goes back to.
 */
export function addressOfPage(asked: string, locale: string | undefined): Address & Place {
  const target = targetOf(asked);
  const [path = "", query = ""] = target.split(/(\?.*)/s);
  const routedTarget = withoutLocale(withoutData(withoutBasePath(path)), locale) + query;
  return { target, routedTarget, basePath: basePath(), place: placeOf(routedTarget) };
}

interface Place {
  /** As `placeOf()` writes it. */
  readonly place: string;
}

/**
 * What proxy and server both know a request by. Next rewrites the query for one of them; and the data of a page it
 * asks for without the slash that the page's address ends with.
 */
export function placeOf(routedTarget: string): string {
  const [path = "", query = ""] = routedTarget.split(/\?(.*)/s);
  return `${path.replace(/\/$/, "")}?${new URLSearchParams(query)}`;
}

function withoutData(path: string): string {
  const page = /^\/_next\/data\/[^/]+(\/.*)\.json$/.exec(path)?.[1];
  return page === undefined ? path : page.replace(/\/index$/, "/");
}

/** As the application writes it, to which Next adds `basePath`. */
export function withoutBasePath(path: string): string {
  return removePathPrefix(path, basePath());
}

function withBasePath(path: string): string {
  if (!isPath(path)) return path;
  const base = basePath();
  return base !== "" && path === "/" ? base : base + path;
}

function isPath(address: string): boolean {
  return address.startsWith("/") && !address.startsWith("//");
}

/** The address of a redirect, which has `basePath` already, in the language of the request. */
export function inLanguageOf(location: string, locales: Locales): string {
  const written = withoutBasePath(location);
  return written === location && basePath() !== "" ? location : withBasePath(localized(written, locales));
}

/** What Next's router adds to what it asks for; no address that a user goes back to. */
function withoutRouterQuery(search: string): string {
  return search.replaceAll(/(?<=[?&])_rsc(?:=[^&]*)?(?:&|$)/g, "").replace(/[?&]$/, "");
}
