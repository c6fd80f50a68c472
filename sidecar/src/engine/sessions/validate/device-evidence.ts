import type { NewDeviceCookie, ValidateSessionData } from "@byo-session/core/contract";
import type { ChallengeClient } from "../../devices/challenge.ts";
import { type DeviceService, type GoodProof, newDeviceCookie } from "../../devices/service.ts";
import type { DeviceEvidence } from "../attempt.ts";
import type { Standing } from "../standing.ts";

/** A validation's evidence of the session's device, and the proof to use up if the validation succeeds. */
export interface Evidence {
  device: DeviceEvidence;
  /** How long the device cookie is still good that is the evidence. */
  goodForMs?: number;
  proof?: GoodProof;
  /** For the answer, if the validation succeeds. */
  newDeviceCookie?: NewDeviceCookie;
  /** What was wrong with the evidence, for the audit trail. */
  problem?: string;
}

/** Examines a validation's evidence. Call it only for a genuine token of a living session: signatures cost CPU. */
export async function examineDevice(
  devices: DeviceService,
  { row, policy }: Standing,
  data: ValidateSessionData,
  client: ChallengeClient,
): Promise<Evidence> {
  if (row.deviceThumbprint === null) return { device: { kind: "unbound" } };
  if (data.ignoreDeviceForVerification) return { device: { kind: "ignored" } };
  const subject = { sessionId: row.id, thumbprint: row.deviceThumbprint };
  const lifetimeSecs = policy.device_cookie_secs;
  if (!data.deviceVerification) {
    if (!data.deviceCookie) return refused("DeviceVerificationRequired");
    const left = (await devices.cookies(row.now)).secondsLeft(data.deviceCookie, subject, lifetimeSecs);
    if (left > 0) return { device: { kind: "recent" }, goodForMs: left * 1000 };
    return { ...refused("DeviceVerificationRequired"), problem: "device cookie" };
  }

  const context = { purpose: "validate", client, thumbprint: subject.thumbprint, nowMs: row.now } as const;
  const verdict = await devices.verify(data.deviceVerification, context);
  if (verdict.kind === "good") {
    const cookie = await newDeviceCookie(devices, data.deviceCookie, subject, lifetimeSecs, row.now);
    return { device: { kind: "proved" }, proof: verdict, ...cookie };
  }
  if (verdict.kind === "bad") return { ...refused("DeviceVerificationFailed"), problem: verdict.problem };
  const error = { type: "NewDeviceChallengeRequired", details: verdict.challenge } as const;
  return { device: { kind: "refused", error }, problem: verdict.problem };
}

function refused(type: "DeviceVerificationRequired" | "DeviceVerificationFailed"): Evidence {
  return { device: { kind: "refused", error: { type } } };
}
