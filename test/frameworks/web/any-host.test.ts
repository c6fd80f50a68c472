import { createSessions } from "@byo-session/web";
import { beforeAll, expect, it, vi } from "vitest";
import { CHROME_ON_LINUX } from "../../harness/browser-client.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

let sidecar: TestSidecar;
let options: { url: string; integrationKey: string; clientIp: () => string };
beforeAll(async () => {
  sidecar = await startTestSidecar();
  options = { url: sidecar.url, integrationKey: sidecar.integrationKey, clientIp: () => "203.0.113.9" };
});

const post = (headers: Record<string, string> = {}) =>
  new Request("http://app.example/", { method: "POST", headers: { "user-agent": CHROME_ON_LINUX, ...headers } });

it("what was refused stays refused when the host runs the request again, at the same moment too", async () => {
  const sessions = createSessions(options);
  const handler = vi.fn(() => new Response("in"));
  const forged = post({ "sec-fetch-site": "cross-site" });
  const run = () => sessions.run(forged, forged, handler);
  const answers = [...(await Promise.all([run(), run()])), await run()];
  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  expect(handler).not.toHaveBeenCalled();
});

it("a request that may pass is taken in once, however often the host runs it", async () => {
  const sessions = createSessions(options);
  const request = post();
  const response = await sessions.run(request, request, async () => {
    await sessions.byo(request).login({ userId: "rewritten" });
    return sessions.run(request, request, () => Response.json(sessions.session(request)?.userId));
  });
  expect([await response.json(), response.headers.getSetCookie().length]).toEqual(["rewritten", 1]);
});

it("a login whose handler throws afterwards leaves no session", async () => {
  const sessions = createSessions(options);
  const request = post();
  const failing = sessions.run(request, request, async () => {
    await sessions.byo(request).login({ userId: "undone" });
    throw new Error("on purpose");
  });
  await expect(failing).rejects.toThrow("on purpose");
  await expect
    .poll(async () => (await sidecar.run("FetchAllSessionsForUser", { userId: "undone" })).sessions)
    .toEqual([]);
});

it("a failed action is answered, or thrown as what the host has for it", async () => {
  const sessions = createSessions(options);
  const answered = post();
  const response = await sessions.run(answered, answered, async () =>
    Response.json(await sessions.byo(answered).listSessions()),
  );
  expect([response.status, await response.json()]).toEqual([401, { errorType: "Unauthorized", reason: "NoSession" }]);

  const raising = createSessions(options, { raise: (answer) => ({ own: answer.status }) });
  const request = post();
  await raising.run(request, request, async () => {
    const { byo, session } = { byo: raising.byo(request), session: raising.session(request) };
    expect([byo.session, session]).toEqual([null, null]);
    await expect(byo.listSessions()).rejects.toEqual({ own: 401 });
    expect((await byo.login({ userId: "ada" })).userId).toBe("ada");
    expect(byo.session?.userId).toBe("ada");
    return new Response();
  });
});

it("a request that was not run has no session to give, and wrong options are told at the first request", async () => {
  const sessions = createSessions(options);
  expect(() => sessions.session(post())).toThrow(expect.objectContaining({ code: "ERR_NOT_MOUNTED" }));
  const wrong = createSessions({ ...options, loginUrl: "no path" });
  const request = post();
  for (const _ of [1, 2]) {
    const running = wrong.run(request, request, () => new Response("in"));
    await expect(running).rejects.toMatchObject({ code: "ERR_BYO_OPTIONS" });
  }
});

it("tells nobody of a session that belongs to another request", async () => {
  const sessions = createSessions(options);
  const [ada, bob] = [post(), post()];
  const userIds = [ada, bob].map((request, index) =>
    sessions.run(request, request, async () => {
      await sessions.byo(request).login({ userId: ["ada", "bob"][index] ?? "" });
      return Response.json(sessions.session(request)?.userId);
    }),
  );
  expect(await Promise.all((await Promise.all(userIds)).map((response) => response.json()))).toEqual(["ada", "bob"]);
});
