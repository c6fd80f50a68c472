import { createDevice } from "../../../../sidecar/test/devices/forge.ts";
import type { TestSidecar } from "../../../harness/test-sidecar.ts";
import { freshProof, logInRemembered, logInWithDevice } from "../bound-session.ts";
import { type Login, logIn, refresh, successorOf } from "../login.ts";

/** Longer than a token lives, and than the grace after it. */
export const LATER_SECS = 3700;

/** The users who are there when a backup is made. */
export async function logInAll(sidecar: TestSidecar) {
  return {
    active: await logIn(sidecar),
    robbed: await logIn(sidecar),
    absent: await logIn(sidecar),
    gone: await logIn(sidecar),
    revoked: await logIn(sidecar),
    demoted: await logIn(sidecar, { tags: ["role:admin"] }),
    binding: await logIn(sidecar),
    bound: await logInWithDevice(sidecar),
    remembered: await logInRemembered(sidecar, createDevice()),
  };
}

export type People = Awaited<ReturnType<typeof logInAll>>;

/** What happens after the backup: gives the newest tokens, and what else the restored database cannot know. */
export async function goOn(sidecar: TestSidecar, people: People) {
  const device = createDevice();
  const proof = await freshProof(sidecar, device);
  await sidecar.run("RegisterDevice", { sessionToken: people.binding.token, ...proof, rememberDevice: false });
  const [active, robbed] = [people.active.token, people.robbed.token];
  const tokens = { active, robbed };
  for (let rotation = 0; rotation < 3; rotation++) {
    await sidecar.advance(LATER_SECS);
    tokens.active = await rotated(sidecar, tokens.active);
    tokens.robbed = await rotated(sidecar, tokens.robbed);
  }
  await sidecar.run("InvalidateSessionByToken", { sessionToken: people.gone.token });
  await sidecar.run("InvalidateSessionById", { sessionId: people.revoked.sessionId });
  await sidecar.run("UpdateSession", { sessionId: people.demoted.sessionId, tagsToRemove: ["role:admin"] });
  const { userId } = people.remembered;
  const { devices } = await sidecar.run("FetchRememberedDevicesForUser", { userId });
  await sidecar.run("ForgetRememberedDevice", { userId, deviceId: devices[0]?.deviceId ?? "" });
  const late: Login = await logIn(sidecar);
  return { ...tokens, device, late };
}

/** Rotates and confirms. */
async function rotated(sidecar: TestSidecar, token: string): Promise<string> {
  const next = await successorOf(sidecar, token);
  await refresh(sidecar, next);
  return next;
}
