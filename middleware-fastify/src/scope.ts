import type { FastifyInstance, FastifySchema } from "fastify";

/**
 * A URL as the routes inside a scope see it. Cut by the number of path segments, because a prefix such as `/:tenant`
 * differs in each request.
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
 * Registers the ready-made routes in Fastify, which runs a scope's hooks only for the scope's own routes. The hook
 * answers them, except those that \`skip\` leaves out.
 */
export function serveRoutes(app: FastifyInstance, routesPrefix: string | undefined): void {
  if (app.prefix === "" || routesPrefix === undefined) return;
  for (const url of [routesPrefix, `${routesPrefix}/*`]) {
    app.all(url, { schema: HIDDEN }, (_request, reply) => reply.callNotFound());
  }
}

/** In the form that @fastify/swagger reads. */
const HIDDEN: FastifySchema & { hide: boolean } = { hide: true };
