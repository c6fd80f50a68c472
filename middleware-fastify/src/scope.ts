import type { FastifyInstance, FastifySchema } from "fastify";

/**
 * A URL as it is written inside of a scope. By the number of its parts: that of a prefix such as `/:tenant` is another in
 * each request.
 */
export function belowPrefix(prefix: string, url: string): string {
  if (prefix === "" || prefix === "/") return url;
  let end = 0;
  for (const _part of prefix.replace(/\/$/, "").slice(1).split("/")) {
    const next = url.slice(end + 1).search(/[/?#]/);
    end = next === -1 ? url.length : end + 1 + next;
  }
  const rest = url.slice(end);
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/**
 * Makes the ready-made routes known to Fastify, which runs the hooks of a scope for the scope's own routes only. The hook
 * answers them, but for what \`skip\` leaves out.
 */
export function serveRoutes(app: FastifyInstance, routesPrefix: string | undefined): void {
  if (app.prefix === "" || routesPrefix === undefined) return;
  for (const url of [routesPrefix, `${routesPrefix}/*`]) {
    app.all(url, { schema: HIDDEN }, (_request, reply) => reply.callNotFound());
  }
}

/** As @fastify/swagger reads it. */
const HIDDEN: FastifySchema & { hide: boolean } = { hide: true };
