/** An app that is put under load. */
export interface Contestant {
  name: string;
  /** A file in `apps/`. */
  file: string;
  env?: Record<string, string>;
  /** The prefix of `/me` and `/login`. Default: none. */
  prefix?: string;
  /** The sidecar that it calls; its CPU is included. */
  sidecar?: "run-command" | "fast-path" | "cache";
  /** Other servers whose CPU is included. */
  uses?: readonly ("postgres" | "redis")[];
  /** For another framework's table: what it is compared with. Default: bare Express. */
  bare?: string;
}

export const BARE: Contestant = { name: "bare Express", file: "bare.ts" };

export const OURS = "byo-session";

export const CONTESTANTS: readonly Contestant[] = [
  { name: "Express + SELECT 1", file: "select-1.ts", uses: ["postgres"] },
  {
    name: "express-session + connect-pg-simple, touch on",
    file: "express-session.ts",
    env: { TOUCH: "on" },
    uses: ["postgres"],
  },
  {
    name: "express-session + connect-pg-simple, touch off",
    file: "express-session.ts",
    env: { TOUCH: "off" },
    uses: ["postgres"],
  },
  { name: "express-session + Redis", file: "express-session-redis.ts", uses: ["redis"] },
  { name: "iron-session", file: "iron-session.ts" },
  { name: "better-auth", file: "better-auth.ts", uses: ["postgres"] },
  { name: "better-auth, cookie cache", file: "better-auth.ts", env: { COOKIE_CACHE: "on" }, uses: ["postgres"] },
  {
    name: "@fastify/session + connect-pg-simple",
    file: "fastify-session.ts",
    uses: ["postgres"],
    bare: "bare Fastify",
  },
  { name: `${OURS} by /run-command`, file: "byo.ts", sidecar: "run-command", uses: ["postgres"] },
  { name: OURS, file: "byo.ts", sidecar: "fast-path", uses: ["postgres"] },
  { name: `${OURS}, session cache`, file: "byo.ts", sidecar: "cache", uses: ["postgres"] },
  { name: "bare Fastify", file: "bare-fastify.ts" },
  {
    name: `${OURS} on Fastify`,
    file: "byo-fastify.ts",
    sidecar: "fast-path",
    uses: ["postgres"],
    bare: "bare Fastify",
  },
  { name: "bare Koa", file: "bare-koa.ts" },
  { name: `${OURS} on Koa`, file: "byo-koa.ts", sidecar: "fast-path", uses: ["postgres"], bare: "bare Koa" },
  { name: "bare Next", file: "next.mjs", prefix: "/bare" },
  { name: `${OURS} on Next`, file: "next.mjs", sidecar: "fast-path", uses: ["postgres"], bare: "bare Next" },
];
