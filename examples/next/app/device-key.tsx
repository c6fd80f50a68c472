"use client";

import { fetchWithDevice, initFetchWithDevice } from "@byo-session/browser";

let isSetUp = false;

/** For a session that is bound to the browser's key: Next's router and its server actions prove it from here on. */
export function DeviceKey({ isBound }: { isBound: boolean }) {
  // While rendering, since the links of the page are prefetched right after.
  if (isBound && !isSetUp && typeof window !== "undefined") {
    isSetUp = true;
    initFetchWithDevice();
    window.fetch = fetchWithDevice;
  }
  return null;
}
