import type { EndReason } from "../../../../sidecar/src/dashboard/contract/sessions.ts";
import type { TestSidecar } from "../../../harness/test-sidecar.ts";
import { logIn, refresh, successorOf, validate } from "../../sidecar/login.ts";
import { CHROME_ON_MAC, FIREFOX_ON_MAC } from "../../sidecar/user-agents.ts";

/** What the stories need of a policy: short lives, and one session a user where a tag says so. */
export const STORY_POLICY = {
  tags: [
    { tag: "life:short", absolute_lifetime_secs: 60 },
    { tag: "life:idle", inactivity_timeout_secs: 60 },
    { tag: "limit:one", max_concurrent_sessions_per_user: 1 },
    { tag: "rotate:fast", rotation_interval_secs: 10, rotation_grace_secs: 1 },
    { tag: "ip:fixed", disallow_ip_address_changes: true },
  ],
};

const HOME = "203.0.113.7";
const ELSEWHERE = "198.51.100.9";

/** How a user comes to be logged out by each reason; all of it over the sidecar's own API. */
export const ENDS: Readonly<Record<EndReason, (sidecar: TestSidecar, userId: string) => Promise<unknown>>> = {
  async LoggedOut(sidecar, userId) {
    const { token } = await logIn(sidecar, { userId });
    return sidecar.run("InvalidateSessionByToken", { sessionToken: token });
  },
  async Revoked(sidecar, userId) {
    const { sessionId } = await logIn(sidecar, { userId });
    return sidecar.run("InvalidateSessionById", { sessionId });
  },
  async Expired(sidecar, userId) {
    const { token } = await logIn(sidecar, { userId, tags: ["life:short"] });
    await sidecar.advance(90);
    return validate(sidecar, token);
  },
  async Inactive(sidecar, userId) {
    const { token } = await logIn(sidecar, { userId, tags: ["life:idle"] });
    await sidecar.advance(90);
    return validate(sidecar, token);
  },
  async SessionLimit(sidecar, userId) {
    await logIn(sidecar, { userId, tags: ["limit:one"], userAgent: CHROME_ON_MAC });
    return logIn(sidecar, { userId, tags: ["limit:one"], userAgent: FIREFOX_ON_MAC });
  },
  async IpAddressChanged(sidecar, userId) {
    const { token } = await logIn(sidecar, { userId, tags: ["ip:fixed"], ipAddress: HOME });
    return validate(sidecar, token, { ipAddress: ELSEWHERE });
  },
  async UserAgentChanged(sidecar, userId) {
    const { token } = await logIn(sidecar, { userId, userAgent: CHROME_ON_MAC });
    return validate(sidecar, token, { userAgent: FIREFOX_ON_MAC });
  },
  async TokenReused(sidecar, userId) {
    const client = { ipAddress: HOME, userAgent: CHROME_ON_MAC };
    const { token } = await logIn(sidecar, { userId, tags: ["rotate:fast"], ...client });
    await sidecar.advance(15);
    await refresh(sidecar, await successorOf(sidecar, token, client), client);
    await sidecar.advance(5);
    return validate(sidecar, token, { ...client, ipAddress: ELSEWHERE });
  },
};
