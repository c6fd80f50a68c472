import { expect, it } from "vitest";
import { DatabaseUnavailable } from "../../src/engine/db/database.ts";
import { createLoginsTogether, type PlainLogin } from "../../src/engine/sessions/create/together.ts";

const LOGIN: PlainLogin = {
  session: {
    id: "00000000-0000-4000-8000-000000000000",
    userId: "ada",
    tags: [],
    metadata: undefined,
    lifetimeSecs: 60,
    ipAddress: undefined,
    userAgent: undefined,
    device: { displayName: "Unknown", deviceType: "Unknown" },
    salt: Buffer.alloc(32),
    curHash: Buffer.alloc(32),
    clientPair: undefined,
    deviceThumbprint: undefined,
    authenticatedAt: undefined,
    room: 1,
  },
  event: { event: "SessionCreated", userId: "ada" },
};

function togetherWith(error: Error) {
  return createLoginsTogether({ transaction: () => Promise.reject(error) }, () => {});
}

it("is not retried after the database went away: the session may have been created", async () => {
  await expect(togetherWith(new DatabaseUnavailable())(LOGIN)).rejects.toBeInstanceOf(DatabaseUnavailable);
});

it("is retried alone after the database refused it", async () => {
  expect(await togetherWith(new Error("not this one"))(LOGIN)).toBeUndefined();
});
