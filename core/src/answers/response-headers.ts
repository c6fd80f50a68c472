import type { CredentialChange } from "../credentials/credential-response.ts";
import type { GateResponse } from "./gate-response.ts";

/** Where a host keeps the headers of a response that is not sent yet. */
export interface HeaderStore {
  getHeaderNames(): readonly string[];
  getHeader(name: string): unknown;
  setHeader(name: string, value: string): unknown;
  removeHeader(name: string): unknown;
}

/** Allows a name several times, which `Set-Cookie` needs. */
export interface MultiHeaderStore extends HeaderStore {
  appendHeader(name: string, value: string): unknown;
}

/** Adds what the browser must learn about its token. */
export function addChange(headers: MultiHeaderStore, change: CredentialChange): void {
  const { setCookies, sessionToken, deviceCookieSecs } = change;
  // Not twice, if an invalid header made `writeHead` throw and an error page follows.
  const present = [headers.getHeader("set-cookie") ?? []].flat().map(String);
  for (const line of setCookies) if (!present.includes(line)) headers.appendHeader("Set-Cookie", line);
  if (sessionToken !== undefined) headers.setHeader("Session-Token", sessionToken);
  if (deviceCookieSecs !== undefined) headers.setHeader("Device-Cookie-Max-Age", String(deviceCookieSecs));
  // A shared cache that stores this response would hand one user's session to the next (RFC 9111, section 7.3).
  headers.setHeader("Cache-Control", "private, no-store");
  removeCdnHeaders(headers);
  addVary(headers, sessionToken === undefined ? "Cookie" : "Authorization");
}

/** Headers that override Cache-Control in some caches, with the value that makes those caches store nothing. */
export const CDN_HEADERS = [
  ["CDN-Cache-Control", "no-store"],
  ["Cloudflare-CDN-Cache-Control", "no-store"],
  ["Edge-Control", "no-store"],
  ["Expires", "0"],
  ["Netlify-CDN-Cache-Control", "no-store"],
  ["Surrogate-Control", "no-store"],
  ["Vercel-CDN-Cache-Control", "no-store"],
  ["X-Accel-Expires", "0"],
  ["X-LiteSpeed-Cache-Control", "no-store"],
] as const;

const OF_CDNS: ReadonlySet<string> = new Set(CDN_HEADERS.map(([name]) => name.toLowerCase()));

/** Any cache may define its own header, whose name should end like this (RFC 9213, section 2). */
const OF_ONE_CDN = /-cache-control$/;

function removeCdnHeaders(headers: HeaderStore): void {
  for (const name of headers.getHeaderNames()) {
    const lowerCase = name.toLowerCase();
    if (OF_CDNS.has(lowerCase) || OF_ONE_CDN.test(lowerCase)) headers.removeHeader(name);
  }
}

function addVary(headers: HeaderStore, name: string): void {
  const present = [headers.getHeader("vary") ?? []].flat().join(", ");
  const names = present.toLowerCase().split(/\s*,\s*/);
  if (names.includes("*") || names.includes(name.toLowerCase())) return;
  headers.setHeader("Vary", present === "" ? name : `${present}, ${name}`);
}

/** Headers that a handler may have set for a body that is not sent now. */
const OF_ANOTHER_BODY = ["Content-Length", "Content-Encoding", "Transfer-Encoding", "ETag", "Last-Modified"];

/** Sets the headers of the middleware's own response, in addition to those that others have set. */
export function setHeaders(headers: HeaderStore, response: GateResponse): void {
  for (const name of OF_ANOTHER_BODY) headers.removeHeader(name);
  removeCdnHeaders(headers);
  for (const [name, value] of response.headers) {
    if (name === "Vary") addVary(headers, value);
    else headers.setHeader(name, value);
  }
}
