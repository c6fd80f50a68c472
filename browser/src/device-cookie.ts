/** Keeps the device cookie fresh, by which pages that ask for a recent proof open. */
export interface DeviceCookieKeeper {
  /** Reads in an answer of the app how long the cookie is good that came with it. */
  note(response: Response): void;
  /** Watches whether the page is in use. */
  start(): void;
}

/** How long the cookie is good that the answer sets, in seconds; 0: the answer takes the cookie away. */
const HEADER = "device-cookie-max-age";
const STORED_AT = "byo-session:device-cookie";
/** The server gives a new cookie for a proof once half of the old one's life is over. */
const RENEW_AFTER = 0.6;
/** After a proof that earned nothing, and so that only one of several tabs asks. */
const PAUSE_MS = 10_000;
/** Of a cookie: an entry that claims more was written by another clock. */
const LIFE_MS_MAX = 3_600_000;
/** What shows that somebody uses the page. */
const SIGNS_OF_USE = ["pointerdown", "keydown", "visibilitychange", "pageshow"] as const;

/** When to prove again, and how long a cookie lives; on this device's clock. */
interface Schedule {
  readonly renewAtMs: number;
  readonly lifeMs: number;
}

/**
 * Proves the device again ahead of the cookie's end, while a page is open and in use: a proof counts as activity, so a
 * page that lies forgotten in a tab must not send any. All tabs share one schedule.
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
      // Storage is switched off: this tab knows only what it has seen itself.
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
    if (!schedule) return;
    const waitMs = Math.min(schedule.renewAtMs - Date.now(), LIFE_MS_MAX);
    timer = setTimeout(() => void renew(), Math.max(0, waitMs));
  }

  async function renew(): Promise<void> {
    const schedule = read();
    const nowMs = Date.now();
    if (!schedule) return;
    // Another tab may have been here, or the clock was set back.
    if (schedule.renewAtMs > nowMs && schedule.renewAtMs - nowMs < LIFE_MS_MAX) return plan();
    // Nobody is here: the next sign of use comes back to this.
    if (document.visibilityState !== "visible" || nowMs - usedAtMs > schedule.lifeMs) return;
    write({ ...schedule, renewAtMs: nowMs + PAUSE_MS });
    try {
      const response = await prove();
      // No session, or no such route: nothing more to keep until an answer brings a cookie again.
      if (!response.ok && response.status < 500) write(undefined);
    } catch {
      // The network is away. The next round tries again.
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
      for (const sign of SIGNS_OF_USE) {
        const target = sign === "pageshow" ? window : document;
        target.addEventListener(sign, () => {
          usedAtMs = Date.now();
          plan();
        });
      }
      plan();
    },
  };
}
