import type { TestSidecar } from "../../../harness/test-sidecar.ts";
import { type Login, logIn, validate } from "../../sidecar/login.ts";
import { CHROME_ON_ANDROID, CHROME_ON_MAC, FIREFOX_ON_MAC } from "../../sidecar/user-agents.ts";

export const HOME = { ipAddress: "203.0.113.7", userAgent: CHROME_ON_MAC };
const PHONE = { ipAddress: "203.0.113.7", userAgent: CHROME_ON_ANDROID };
export const THIEF = { ipAddress: "198.51.100.66", userAgent: FIREFOX_ON_MAC };

/** Lets another browser use a session and only records it, so that the thief gets in. */
export const THEFT_POLICY = { tags: [{ tag: "browser:any", user_agent_check: "flag" }] };

export interface Theft {
  /** The thief has their cookies. */
  stolen: readonly Login[];
  /** The same users' phones, and a session that the thief logged in to with an account of their own. */
  others: readonly Login[];
}

/** Someone has the cookies of two users, who do not notice. */
export async function stealSessions(sidecar: TestSidecar): Promise<Theft> {
  const tags = ["browser:any"];
  const stolen: Login[] = [];
  const others: Login[] = [];
  for (const userId of ["ada", "grace"]) {
    const login = await logIn(sidecar, { userId, tags, ...HOME });
    for (const client of [HOME, THIEF, HOME, THIEF]) await validate(sidecar, login.token, client);
    stolen.push(login);
    others.push(await logIn(sidecar, { userId, tags, ...PHONE }));
  }
  others.push(await logIn(sidecar, { userId: "mallory", tags, ...THIEF }));
  return { stolen, others };
}
