import { describeClient } from "../../request/describe-client.ts";
import type { Session } from "../../session.ts";
import type { NewDevice } from "../../settings/options.ts";
import type { RequestSession } from "../request-session.ts";

/**
 * Tells the application about a login from a device that the user has not used before. If `onNewDevice` fails, the
 * login still stands: whether an e-mail could be sent does not change who the user is.
 */
export async function tellOfNewDevice<N>(
  request: RequestSession<N>,
  { userId, sessionId }: Session,
  proof: NewDevice["proof"],
): Promise<void> {
  const { userAgent, ipAddress } = describeClient(request.view);
  const seenAs = { ...(ipAddress !== undefined && { ip: ipAddress }), ...(userAgent !== undefined && { userAgent }) };
  try {
    await request.parts.settings.onNewDevice?.({ userId, sessionId, ...seenAs, proof });
  } catch (error) {
    console.error(`byo-session: onNewDevice failed, and the login stays valid: ${inOneLine(error)}`);
  }
}

/**
 * Someone who phished the password would simply send no proof, so for a user with remembered devices that counts as a
 * new device too.
 */
export async function hasRememberedDevices<N>({ parts }: RequestSession<N>, userId: string): Promise<boolean> {
  const { client, onNewDevice } = parts.settings;
  const { device } = client.session;
  if (!onNewDevice || !device.fetchRememberedForUser) return false;
  const answer = await device.fetchRememberedForUser({ userId });
  return answer.ok && answer.data.devices.length > 0;
}

const MAX_LOGGED_CHARS = 200;

function inOneLine(error: unknown): string {
  return String(error).replace(/\s+/g, " ").slice(0, MAX_LOGGED_CHARS);
}
