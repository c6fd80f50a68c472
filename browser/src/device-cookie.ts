import { readJson } from "./challenge.ts";
import { onUse } from "./signs-of-use.ts";

/** Keeps the device cookie fresh, which opens pages that require a recent proof. */
export interface DeviceCookieKeeper {
  /** Reads from an app's response how long its device cookie is valid. */
  note(response: Response): void;
  /** Watches whether the page is in use. */
  start(): void;
}

/** How long the response's cookie is valid, in seconds; 0: the response removes the cookie. */
const HEADER = "device-cookie-max-age";
const STORED_AT = "byo-session:device-cookie";
/** The server issues a new cookie for a proof once half of the old one's lifetime is over. */
const RENEW_AFTER = 0.6;
/**
 * After a proof that got no new cookie: the cookie was less than half over, so it is due within this part of its
 * lifetime.
 */
const ASK_AGAIN_AFTER = 0.45;
/** After a failure, and to ensure that only one of several tabs asks. */
const PAUSE_MS = 10_000;

/** When to prove again, and the lifetime of a cookie, by this device's clock. */
interface Schedule {
  readonly renewAtMs: number;
  readonly lifeMs: number;
}

/**
 * Proves the device again before the cookie expires, while a page is open and in use. A proof counts as activity, so a
 * forgotten tab must not send any. All tabs share one schedule.
 */
export function createDeviceCookieKeeper(prove: () => Promise<Response>): DeviceCookieKeeper {
  let inMemory: Schedule | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let usedAtMs = Date.now();

  function read(): Schedule | undefined {
    try {
      const { renewAtMs, lifeMs } = JSON.parse(localStorage.getItem(STORED_AT) ?? "{}");
      return typeof renewAtMs === "number" && typeof lifeMs === "number" ? { renewAtMs, lifeMs } : undefined;
    } catch {
      // Storage is disabled: this tab knows only what it has seen itself.
      return inMemory;
    }
  }

  function write(schedule: Schedule | undefined): void {
    inMemory = schedule;
    try {
      if (schedule) localStorage.setItem(STORED_AT, JSON.stringify(schedule));
      else localStorage.removeItem(STORED_AT);
    } catch {
      // As above.
    }
    plan();
  }

  function plan(): void {
    clearTimeout(timer);
    const schedule = read();
    if (schedule) timer = setTimeout(() => void oneTabAtATime(renew), waitMs(schedule));
  }

  async function renew(): Promise<void> {
    const schedule = read();
    if (!schedule) return;
    // Another tab may have been here.
    if (waitMs(schedule) > 0) return plan();
    // Nobody uses the page: the next sign of use starts this again.
    if (document.visibilityState !== "visible" || Math.abs(Date.now() - usedAtMs) > schedule.lifeMs) return;
    const paused = { ...schedule, renewAtMs: Date.now() + PAUSE_MS };
    write(paused);
    try {
      const response = await prove();
      if (response.status >= 500 || read()?.renewAtMs !== paused.renewAtMs) return;
      const { session } = await readJson(response);
      // No session with a device, or no such route: nothing to refresh until a response sets a cookie again.
      const isBound = response.ok && Object(session).hasDeviceRegistered === true;
      write(isBound ? { ...schedule, renewAtMs: Date.now() + schedule.lifeMs * ASK_AGAIN_AFTER } : undefined);
    } catch {
      // The network is down. The next round tries again.
    }
  }

  return {
    note({ headers }) {
      const text = headers.get(HEADER);
      if (text === null || !/^\d{1,5}$/.test(text)) return;
      const lifeMs = Number(text) * 1000;
      write(lifeMs === 0 ? undefined : { renewAtMs: Date.now() + lifeMs * RENEW_AFTER, lifeMs });
    },

    start() {
      onUse(() => {
        usedAtMs = Date.now();
        plan();
      });
      plan();
    },
  };
}

/** 0 if it is due. A time beyond the cookie's lifetime means that the clock was set back, so nothing is known. */
function waitMs({ renewAtMs, lifeMs }: Schedule): number {
  const aheadMs = renewAtMs - Date.now();
  return aheadMs > lifeMs + PAUSE_MS ? 0 : Math.max(0, aheadMs);
}

/** Their timers fire at the same moment; the second tab finds that the schedule has changed. */
async function oneTabAtATime(work: () => Promise<void>): Promise<void> {
  await (navigator.locks ? navigator.locks.request(STORED_AT, work) : work());
}
