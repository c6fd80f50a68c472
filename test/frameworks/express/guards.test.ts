import { byoSession, requireSession } from "@byo-session/express";
import express from "express";
import { describe, expect, test } from "vitest";
import { createBrowserClient } from "../../harness/browser-client.ts";
import { serve } from "../../harness/serve.ts";
import { TEST_INTEGRATION_KEY } from "../../harness/sidecar-environment.ts";

describe("requireSession", () => {
  test.each([
    [{ tag: ["a:b"] }, "unknown requirement tag"],
    [{ device: "any" }, '`device`: expected "proof" or "recent"'],
    [{ maxAuthAgeSecs: Number.NaN }, "`maxAuthAgeSecs`: expected seconds"],
    [{ tags: "role:admin" }, "`tags`: expected a list"],
  ])("requirements that would not be looked at stop the start: %j", (requirements, message) => {
    expect(() => requireSession(requirements as object)).toThrow(message);
  });

  test("without byoSession() before it: an error that says so, not an open door", async () => {
    const bare = express();
    bare.get("/me", requireSession(), (_req, res) => res.send("in"));
    bare.use((error: Error & { code?: string }, _req: express.Request, res: express.Response, _next: unknown) => {
      res.status(500).json({ code: error.code, message: error.message });
    });
    const answer = await createBrowserClient((await serve(bare)).url).fetch("/me");
    expect(answer.status).toBe(500);
    expect(answer.json()).toMatchObject({
      code: "ERR_NOT_MOUNTED",
      message: expect.stringContaining("app.use(byoSession())"),
    });
  });
});

test("in development a guard's answer names its reason in a header too", async () => {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = "development";
  try {
    const app = express();
    app.use(byoSession({ url: "http://127.0.0.1:1", integrationKey: TEST_INTEGRATION_KEY }));
    app.get("/me", requireSession(), (_req, res) => res.send("in"));
    const answer = await createBrowserClient((await serve(app)).url).fetch("/me");
    expect(answer.headers["session-reason"]).toBe("NoSession");
  } finally {
    process.env.NODE_ENV = before;
  }
});
