import type { ValidateSessionData } from "@byo-session/core/contract";
import type { ChallengeClient } from "../devices/challenge.ts";
import type { DeviceService, GoodProof } from "../devices/service.ts";
import type { DeviceEvidence } from "./decide.ts";
import type { SessionRow } from "./session.ts";

/** What a validation brings as proof of the session's device, and the proof to use up when the validation succeeds. */
export interface Evidence {
  device: DeviceEvidence;
  proof?: GoodProof;
  /** What was wrong with the proof, for the audit trail. */
  problem?: string;
}

/** Examines the proof of a validation. To be asked only for a genuine token of a living session: signatures cost CPU. */
export async function examineDevice(
  devices: DeviceService,
  row: SessionRow,
  data: ValidateSessionData,
  client: ChallengeClient,
): Promise<Evidence> {
  if (row.deviceThumbprint === null) return { device: { kind: "unbound" } };
  if (data.ignoreDeviceForVerification) return { device: { kind: "ignored" } };
  if (!data.deviceVerification) return refused("DeviceVerificationRequired");

  const context = { purpose: "validate", client, thumbprint: row.deviceThumbprint, nowMs: row.now } as const;
  const verdict = await devices.verify(data.deviceVerification, context);
  if (verdict.kind === "good") return { device: { kind: "proved" }, proof: verdict };
  if (verdict.kind === "bad") return { ...refused("DeviceVerificationFailed"), problem: verdict.problem };
  const error = { type: "NewDeviceChallengeRequired", details: verdict.challenge } as const;
  return { device: { kind: "refused", error }, problem: verdict.problem };
}

function refused(type: "DeviceVerificationRequired" | "DeviceVerificationFailed"): Evidence {
  return { device: { kind: "refused", error: { type } } };
}
