"use client";

import { fetchWithDevice, initFetchWithDevice } from "@byo-session/browser";

let isSetUp = false;

/** For a session that is bound to the browser's key: from here on, Next's router and server actions send proofs. */
export function DeviceKey({ isBound }: { isBound: boolean }) {
  // While rendering, because the page's links are prefetched right after.
  if (isBound && !isSetUp && typeof window !== "undefined") {
    isSetUp = true;
    initFetchWithDevice();
    window.fetch = fetchWithDevice;
  }
  return null;
}
