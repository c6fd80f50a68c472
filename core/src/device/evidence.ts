/**
 * How strong the evidence is that a request comes from the session's device. `proof`: this very request was signed by its
 * key. `recent`: the device cookie, which a proof earned a short while ago. `none`: the session has no device, or the
 * application ignores devices.
 */
export type DeviceEvidence = "proof" | "recent" | "none";

/** The evidence that a session with a device needs. */
export type DeviceDemand = "proof" | "recent" | "off";

/** What a session shows of its device. */
interface ShownDevice {
  readonly hasDeviceRegistered: boolean;
  readonly deviceEvidence: DeviceEvidence;
}

/** Whether the evidence of a session is what is demanded. A session without a device has nothing to show. */
export function meetsDemand({ hasDeviceRegistered, deviceEvidence }: ShownDevice, demand: DeviceDemand): boolean {
  return !hasDeviceRegistered || demand === "off" || isAtLeast(deviceEvidence, demand);
}

export function isAtLeast(evidence: DeviceEvidence, demand: "proof" | "recent"): boolean {
  return evidence === "proof" || (evidence === "recent" && demand === "recent");
}
