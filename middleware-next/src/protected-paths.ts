import { ConfigurationError } from "@byo-session/core";

const SEGMENT = /^(?:[\w.~%@!$&'+,;=-]+|:\w+[*+?]?)$/;

/**
 * Whether a path is one of those that the patterns name. A pattern is a path whose parts may be `:name` (one part), and
 * whose last may be `:name*` (any number of parts), `:name+` (at least one) or `:name?`, as in Next's own `matcher`.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS` for a pattern that it does not know.
 */
export function createPathMatcher(patterns: readonly string[]): (path: string) => boolean {
  const expressions = patterns.map(toExpression);
  return (path) => {
    const plain = plainPath(path);
    return expressions.some((expression) => expression.test(plain));
  };
}

/** Whether a path is that of an address of this application, in whatever spelling. */
export function isPathOf(address: string | undefined): (path: string) => boolean {
  if (!address?.startsWith("/")) return () => false;
  const [known = ""] = address.split(/[?#]/, 1);
  return (path) => plainPath(path) === plainPath(known);
}

function toExpression(pattern: string): RegExp {
  const parts = pattern.split("/").slice(1);
  const known = pattern.startsWith("/") && (pattern === "/" || parts.every((part) => SEGMENT.test(part)));
  if (!known || parts.slice(0, -1).some((part) => /^:.*[*+?]$/.test(part))) {
    throw new ConfigurationError(
      "ERR_BYO_OPTIONS",
      `createSessions(): \`protect\`: expected paths such as "/account", "/orders/:id" or "/admin/:path*", got "${pattern}"`,
    );
  }
  const source = parts.filter((part) => part !== "").map(partSource);
  // A first screen may look at more than Next's router would take for the page: `rewrites` know no case.
  return new RegExp(`^${source.join("")}$`, "i");
}

function partSource(part: string): string {
  if (!part.startsWith(":")) return `/${plainPath(part).replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}`;
  if (part.endsWith("*")) return "(?:/.*)?";
  if (part.endsWith("+")) return "/.+";
  return part.endsWith("?") ? "(?:/[^/]+)?" : "/[^/]+";
}

/** A path in the one spelling that is compared: another spelling of a page must not be a way round its guard. */
function plainPath(path: string): string {
  // What Next's router asks for belongs to the page before it.
  const page = path.replace(/(?:\.segments\/.+\.segment)?\.rsc$/, "");
  return decode(page)
    .replaceAll(/\/{2,}/g, "/")
    .replace(/\/$/, "");
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
