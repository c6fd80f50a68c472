/**
 * How strong the evidence is that a request comes from the session's device. `proof`: the device's key signed this
 * request. `recent`: it has the device cookie, which was issued for a proof a few minutes ago. `none`: the session has
 * no device, or the application ignores devices.
 */
export type DeviceEvidence = "proof" | "recent" | "none";

/** The evidence that a session with a device needs. */
export type DeviceDemand = "proof" | "recent" | "off";

/** What a session shows of its device. */
interface ShownDevice {
  readonly hasDeviceRegistered: boolean;
  readonly deviceEvidence: DeviceEvidence;
}

/** Whether a session's evidence meets the demand. A session without a device has nothing to show. */
export function meetsDemand({ hasDeviceRegistered, deviceEvidence }: ShownDevice, demand: DeviceDemand): boolean {
  return !hasDeviceRegistered || demand === "off" || isAtLeast(deviceEvidence, demand);
}

export function isAtLeast(evidence: DeviceEvidence, demand: "proof" | "recent"): boolean {
  return evidence === "proof" || (evidence === "recent" && demand === "recent");
}
