import type { DeviceFetch } from "./fetch.ts";

let device: DeviceFetch | undefined;

export function setDevice(next: DeviceFetch): void {
  device = next;
}

/**
 * What `initFetchWithDevice()` has set up. It is a separate module, so that an app without devices need not load their
 * code.
 */
export function currentDevice(): DeviceFetch | undefined {
  return device;
}
