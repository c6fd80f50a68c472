import type { LoginOptions, Register, Session, SessionActions, SessionTag } from "@byo-session/core";
import { byoSession, requireSession } from "@byo-session/express";
import { requireSession as requireFastifySession } from "@byo-session/fastify";
import { requireSession as requireKoaSession } from "@byo-session/koa";
import { createSessions } from "@byo-session/next";
import { fakeSession } from "@byo-session/testing";
import express from "express";
import type { FastifyRequest } from "fastify";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(_proof?: T) => {};

declare module "@byo-session/core" {
  interface Register {
    metadata: { theme: "dark" | "light"; pinned: string[] };
    tags: `role:${"admin" | "editor"}` | `plan:${string}`;
  }
}

holds<Equal<SessionTag, Register["tags"]>>();
holds<Equal<LoginOptions["tags"], Register["tags"][] | undefined>>();
holds<Equal<FastifyRequest["session"], Session | null>>();

const app = express();
app.use(byoSession());
app.get("/me", requireSession({ tags: ["role:admin"] }), async (req) => {
  const theme = req.session?.metadata?.theme;
  holds<Equal<typeof theme, "dark" | "light" | undefined>>();
  holds<Equal<NonNullable<Session["metadata"]>["pinned"], readonly string[]>>();
  holds<Equal<Session["tags"], readonly Register["tags"][]>>();
  // @ts-expect-error what was read cannot be changed, in its depth neither
  req.session?.metadata?.pinned.push("x");
  await useActions(req.byo);
});

async function useActions(byo: SessionActions) {
  await byo.login({ userId: "ada", tags: ["plan:pro"], metadata: { theme: "dark", pinned: [] } });
  await byo.update({ metadata: { theme: "light", pinned: ["a"] } });
  await byo.update({ metadata: null });
  await byo.setTags({ add: ["role:editor"], remove: ["plan:pro"] });
  // @ts-expect-error no such role
  await byo.login({ userId: "ada", tags: ["role:owner"] });
  // @ts-expect-error no such theme
  await byo.update({ metadata: { theme: "blue", pinned: [] } });
  // @ts-expect-error no such tag
  await byo.setTags({ add: ["org:bigco"] });
}

const { requireSession: requireNextSession } = createSessions();
const inNext = await requireNextSession({ tags: ["role:editor"] });
holds<Equal<typeof inNext, Session>>();
requireKoaSession({ tags: ["plan:pro"] });
// @ts-expect-error no such role
await requireNextSession({ tags: ["role:owner"] });
// @ts-expect-error no such role
requireFastifySession({ tags: ["role:owner"] });
// @ts-expect-error no such role
requireKoaSession({ tags: ["role:owner"] });
// @ts-expect-error no such role
fakeSession({ tags: ["role:owner"] });
