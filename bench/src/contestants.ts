/** An app that is put under load. */
export interface Contestant {
  name: string;
  /** A file in `apps/`. */
  file: string;
  env?: Record<string, string>;
  /** The prefix of `/me` and `/login`. Default: none. */
  prefix?: string;
  /** The sidecar that it calls; its CPU is included. */
  sidecar?: "default" | "cache-off" | "run-command";
  /** Other servers whose CPU is included. */
  uses?: readonly ("postgres" | "redis")[];
  /** For another framework's table: what it is compared with. Default: bare Express. */
  bare?: string;
}

export const BARE: Contestant = { name: "bare Express", file: "bare.ts" };

/**
 * A bare framework that lets the requests that arrive together go on together, as ours does: what of a difference is due
 * to that, and what to the session.
 */
const together = ({ name, file }: Contestant): Contestant => ({
  name: `${name}, requests together`,
  file,
  env: { TOGETHER: "on" },
});

export const OURS = "byo-session";

/** Every request asks the sidecar. */
const ASKS = { HOLD: "off" };

export const CONTESTANTS: readonly Contestant[] = [
  together(BARE),
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
  { name: "express-session in memory", file: "express-session-memory.ts" },
  { name: "iron-session", file: "iron-session.ts" },
  { name: "better-auth", file: "better-auth.ts", uses: ["postgres"] },
  { name: "better-auth, cookie cache", file: "better-auth.ts", env: { COOKIE_CACHE: "on" }, uses: ["postgres"] },
  {
    name: "@fastify/session + connect-pg-simple",
    file: "fastify-session.ts",
    uses: ["postgres"],
    bare: "bare Fastify",
  },
  { name: OURS, file: "byo.ts", sidecar: "default", uses: ["postgres"] },
  { name: `${OURS}, nothing held`, file: "byo.ts", env: ASKS, sidecar: "default", uses: ["postgres"] },
  { name: `${OURS}, session cache off`, file: "byo.ts", sidecar: "cache-off", uses: ["postgres"] },
  { name: `${OURS} by /run-command`, file: "byo.ts", sidecar: "run-command", uses: ["postgres"] },
  ...bare("Fastify", "bare-fastify.ts"),
  ...onFramework("Fastify", "byo-fastify.ts"),
  ...bare("Koa", "bare-koa.ts"),
  ...onFramework("Koa", "byo-koa.ts"),
  { name: "bare Next", file: "next.mjs", prefix: "/bare" },
  ...onFramework("Next", "next.mjs"),
];

function bare(framework: string, file: string): Contestant[] {
  const alone = { name: `bare ${framework}`, file };
  return [alone, together(alone)];
}

/** Ours on another framework: as it comes, and with every request asking the sidecar. */
function onFramework(framework: string, file: string): Contestant[] {
  const common = { file, sidecar: "default", uses: ["postgres"], bare: `bare ${framework}` } as const;
  const name = `${OURS} on ${framework}`;
  return [
    { name, ...common },
    { name: `${name}, nothing held`, env: ASKS, ...common },
  ];
}
