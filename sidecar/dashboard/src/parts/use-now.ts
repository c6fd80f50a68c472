import { useEffect, useState } from "react";

const STEP_MS = 30_000;

/** The time of this machine, kept up to date so that "2 minutes ago" does not stay on the page for an hour. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), STEP_MS);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
