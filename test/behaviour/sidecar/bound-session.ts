import type { CreateSessionData, SignedDeviceChallenge, ValidateSessionData } from "@byo-session/core/contract";
import { createDevice, type Device, REQUEST_URL } from "../../../sidecar/test/devices/forge.ts";
import type { CommandAnswer } from "../../harness/sidecar-client.ts";
import type { TestSidecar } from "../../harness/test-sidecar.ts";
import { type Client, type Login, logIn } from "./login.ts";

/** The request that the proofs of these tests are made for. */
export const REQUEST = { requestUrl: REQUEST_URL, requestMethod: "POST" } as const;

export const REQUIRED: CommandAnswer = { status: 401, body: { type: "DeviceVerificationRequired" } };
export const FAILED: CommandAnswer = { status: 401, body: { type: "DeviceVerificationFailed" } };

export interface BoundSession extends Login {
  readonly device: Device;
  /** What was passed at login, and comes with every request of the owner. */
  readonly client: Client;
}

/** A new challenge, made for those parts of the client that are given. */
export async function challengeFor(sidecar: TestSidecar, client: Client = {}): Promise<string> {
  return (await sidecar.run("CreateDeviceChallenge", client)).deviceChallenge;
}

/** A new proof over a challenge, for this one request. */
export function proofOf(device: Device, challenge: string): SignedDeviceChallenge {
  return { signedDeviceChallenge: device.prove({ claims: { nonce: challenge } }), ...REQUEST };
}

export async function freshProof(
  sidecar: TestSidecar,
  device: Device,
  client: Client = {},
): Promise<SignedDeviceChallenge> {
  return proofOf(device, await challengeFor(sidecar, client));
}

/** Logs a user in and binds the session to a device. */
export async function logInWithDevice(
  sidecar: TestSidecar,
  { device = createDevice(), ...data }: Partial<CreateSessionData> & { device?: Device } = {},
): Promise<BoundSession> {
  const { ipAddress, userAgent } = data;
  const client = { ...(ipAddress !== undefined && { ipAddress }), ...(userAgent !== undefined && { userAgent }) };
  const deviceRegistration = await freshProof(sidecar, device, client);
  return { ...(await logIn(sidecar, { ...data, deviceRegistration })), device, client };
}

/** The same, at a device that the user asks to remember. */
export async function logInRemembered(
  sidecar: TestSidecar,
  device: Device,
  data: Partial<CreateSessionData> = {},
): Promise<Login> {
  const { ipAddress, userAgent } = data;
  const client = { ...(ipAddress !== undefined && { ipAddress }), ...(userAgent !== undefined && { userAgent }) };
  const deviceRegistration = { ...(await freshProof(sidecar, device, client)), rememberDevice: true };
  return logIn(sidecar, { ...data, deviceRegistration });
}

/** What the owner sends: the token with a good proof. */
export async function proved(
  sidecar: TestSidecar,
  { token, device, client }: BoundSession,
  data: ValidateSessionData = {},
): Promise<ValidateSessionData> {
  const { ipAddress, userAgent } = { ...client, ...data };
  const passed = { ...(ipAddress !== undefined && { ipAddress }), ...(userAgent !== undefined && { userAgent }) };
  const deviceVerification = await freshProof(sidecar, device, passed);
  return { sessionToken: token, ...passed, deviceVerification, ...data };
}

/** A session's row as it is on the disk, to see that nothing wrote to it. */
export async function rawRowOf(sidecar: TestSidecar, { sessionId }: Pick<Login, "sessionId">): Promise<unknown> {
  const [row] = await sidecar.sql("SELECT xmin::text, s::text AS content FROM byo.sessions s WHERE id = $1", [
    sessionId,
  ]);
  return row;
}

/** The same but for when and from where the session was last used: that of earlier requests is written later. */
export async function rowOf(sidecar: TestSidecar, { sessionId }: Pick<Login, "sessionId">): Promise<unknown> {
  const [row] = await sidecar.sql(
    "SELECT to_jsonb(s) - 'last_activity_at' - 'last_ip_address' AS content FROM byo.sessions s WHERE id = $1",
    [sessionId],
  );
  return row;
}
