import { apiWithByo, apiWithSession } from "./sessions.ts";

/** API routes that guard themselves. */
export const me = apiWithSession((_request, response, { session }) => {
  response.setHeader("Cache-Control", "public, max-age=600");
  response.json({ secret: session.userId, session });
});

export const admin = apiWithSession((_request, response) => response.json({ secret: true }), {
  tags: ["role:admin"],
});

export const login = apiWithByo(async (request, response, { byo }) => response.json(await byo.login(request.body)));

export const logout = apiWithByo(async (_request, response, { byo }) => {
  await byo.logout();
  response.status(204).end();
});

export const rename = apiWithSession(async (_request, response, { byo }) => {
  // Not to be done without a session: what it throws is the answer.
  await byo.revoke("00000000-0000-0000-0000-000000000000");
  response.end();
});

export const slow = apiWithByo(async (request, response, { byo }) => {
  await byo.login({ userId: String(request.query.user) });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  response.end();
});
