import type { ClientAnswer, SessionClient } from "@byo-session/core";
import { fakeClient, startTestSidecar, type TestSidecar } from "@byo-session/testing";
import { afterAll, beforeAll, expect, it } from "vitest";

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startTestSidecar();
});
afterAll(() => sidecar.stop());

/** The life of some sessions, as a list of all answers. */
async function live({ ping, session }: SessionClient, userId: string): Promise<ClientAnswer<unknown>[]> {
  const answers: ClientAnswer<unknown>[] = [];
  async function hear<T>(answer: Promise<ClientAnswer<T>>): Promise<T | undefined> {
    const heard = await answer;
    answers.push(heard);
    return heard.ok ? heard.data : undefined;
  }

  await hear(ping({}));
  const login = { userId, tags: ["plan:pro", "plan:pro"], metadata: { theme: "dark" } };
  const { sessionId = "", sessionToken = "" } = (await hear(session.create(login))) ?? {};
  const other = await hear(session.create({ userId }));
  const third = await hear(session.create({ userId, tags: ["plan:free"] }));
  await hear(session.create({ userId: "" }));
  await hear(session.create({ userId, lifetimeSecs: 0 }));
  await hear(session.create({ userId, tags: ["plan"] }));
  await hear(session.validate({ sessionToken }));
  await hear(session.validateAndRefresh({ sessionToken, requiredTags: ["plan:pro"] }));
  await hear(session.validate({ sessionToken, requiredTags: ["role:admin"] }));
  await hear(session.validate({ sessionToken: "byo_sess_unknown" }));
  await hear(session.validate({}));
  await hear(session.validate({ sessionToken, activity: "none" }));
  await hear(session.validate({ sessionToken, activity: "later" }));
  if (session.noteActivity) {
    await hear(session.noteActivity({ sessionId }));
    await hear(session.noteActivity({ sessionId: crypto.randomUUID() }));
  }
  await hear(session.fetchById({ sessionId }));
  await hear(session.fetchById({ sessionId: crypto.randomUUID() }));
  await hear(session.update({ sessionId, tagsToAdd: ["role:editor"], tagsToRemove: ["plan:pro"] }));
  await hear(session.update({ sessionId, tagsToAdd: ["role editor"] }));
  await hear(session.update({ sessionId, newMetadata: { theme: "light" } }));
  await hear(session.validate({ sessionToken }));
  await hear(session.update({ sessionId, newMetadata: null }));
  await hear(session.validate({ sessionToken }));
  await hear(session.fetchAllForUser({ userId, sessionTags: ["plan:free"] }));
  await hear(session.invalidateById({ sessionId, userId: "eve" }));
  await hear(session.invalidateById({ sessionId, userId }));
  await hear(session.invalidateById({ sessionId }));
  await hear(session.validate({ sessionToken }));
  await hear(session.invalidateByToken({ sessionToken: third?.sessionToken ?? "" }));
  await hear(session.validate({ sessionToken: third?.sessionToken ?? "" }));
  await hear(session.invalidateAllForUserExceptOne({ userId, sessionTokenToKeep: other?.sessionToken ?? "" }));
  await hear(session.invalidateAllForUser({ userId }));
  await hear(session.validate({ sessionToken: other?.sessionToken ?? "" }));
  await hear(session.invalidateByToken({ sessionToken: "byo_sess_unknown" }));
  const legacy = { userId, legacyId: `old-${sessionId}`, authenticatedAt: Math.floor(Date.now() / 1000) - 60 };
  await hear(session.create(legacy));
  await hear(session.create(legacy));
  await hear(session.device.createChallenge({}));
  const tagged = { userId, tags: [`oidc_sid:${sessionId}`] };
  const order = {
    filter: { sessionTags: tagged.tags },
    once: { id: `order-${sessionId}`, keptUntil: Math.floor(Date.now() / 1000) + 600, attemptId: "first" },
  };
  const { invalidateMany = expect.fail("the client cannot end sessions by tags") } = session;
  const named = await hear(session.create(tagged));
  await hear(invalidateMany(order));
  await hear(session.validate({ sessionToken: named?.sessionToken ?? "" }));
  await hear(session.create(tagged));
  await hear(invalidateMany({ ...order, once: { ...order.once, attemptId: "second" } }));
  await hear(invalidateMany(order));
  await hear(invalidateMany({ filter: {} }));
  return answers;
}

/** What an app can rely on: what cannot be the same twice becomes its kind, and text for a person its first word. */
function shapeOf(answer: ClientAnswer<unknown>): unknown {
  const random = new Set(["sessionId", "sessionToken", "deviceChallenge"]);
  const times = new Set(["createdAt", "expiresAt", "lastActivityAt", "timestamp"]);
  const { ok, status } = answer.ok ? { ok: true, status: 200 } : answer;
  const told = answer.ok ? answer.data : answer.error;
  return JSON.parse(
    JSON.stringify({ ok, status, told }, (name, value: unknown) => {
      if (random.has(name)) return typeof value;
      if (times.has(name)) return Math.round((Number(value) - Date.now() / 1000) / 100);
      return name === "details" && typeof value === "string" ? value.split(":", 1)[0] : value;
    }),
  );
}

it("answers as the sidecar does, wherever no policy decides", async () => {
  // The fake is shared with the other files of this process.
  const userId = crypto.randomUUID();
  const real = (await live(sidecar.client, userId)).map(shapeOf);
  const fake = (await live(fakeClient, userId)).map(shapeOf);
  expect(real.length).toBe(45);
  expect(fake).toEqual(real);
});
