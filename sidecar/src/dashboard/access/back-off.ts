import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { LRUCache } from "lru-cache";

/** Slows down password guessing. It locks nobody out: the longest wait is a minute. */
export interface BackOff {
  /**
   * Counts a try before the password is checked, so a thousand parallel tries count as a thousand. `isKnownAddress`:
   * the person has logged in from this address before.
   */
  begin(account: string, address: string, isKnownAddress: boolean): Try;
}

export type Try =
  | { kind: "refused"; waitSecs: number }
  /** Answer after the delay, and report a successful try. */
  | { kind: "accepted"; delayMs: number; succeeded(): void };

const FORGOTTEN_AFTER_MS = 15 * 60_000;
const MAX_WAIT_SECS = 60;
/** Beyond this number the oldest tries are dropped, so that made-up names cannot fill the memory. */
const MAX_KEPT = 20_000;
/** Tries without a delay: at one account from one address, and from one address at any account. */
const FREE_AT_ACCOUNT = 3;
const FREE_FROM_ADDRESS = 10;
/** From all unknown addresses of an account together: tries run one after the other, with growing delays. */
const FREE_FROM_STRANGERS = 10;
const MAX_GAP_MS = 5_000;
const MAX_DELAY_MS = 10_000;

interface Count {
  tries: number;
  notBeforeMs: number;
}

export function createBackOff(nowMs: () => number): BackOff {
  const counts = new LRUCache<string, Count>({ max: MAX_KEPT, ttl: FORGOTTEN_AFTER_MS });
  const get = (key: string): Count => counts.get(key) ?? { tries: 0, notBeforeMs: 0 };

  function add(key: string, free: number): void {
    const tries = get(key).tries + 1;
    const waitSecs = tries < free ? 0 : Math.min(MAX_WAIT_SECS, 2 ** Math.min(tries - free, 10));
    counts.set(key, { tries, notBeforeMs: nowMs() + waitSecs * 1000 });
  }

  function takeBack(key: string): void {
    counts.set(key, { tries: Math.max(0, get(key).tries - 1), notBeforeMs: 0 });
  }

  return {
    begin(account, address, isKnownAddress) {
      const network = networkOf(address);
      const fromAddress = `from ${network}`;
      const atAccount = `from ${network} at ${account}`;
      const byStrangers = `at ${account}`;
      const strangers = get(byStrangers);
      const delayMs = isKnownAddress ? 0 : Math.max(0, strangers.notBeforeMs - nowMs());
      const waitMs = Math.max(get(fromAddress).notBeforeMs, get(atAccount).notBeforeMs) - nowMs();
      if (waitMs > 0) return { kind: "refused", waitSecs: Math.ceil(waitMs / 1000) };
      if (delayMs > MAX_DELAY_MS) return { kind: "refused", waitSecs: Math.ceil(delayMs / 1000) };
      add(fromAddress, FREE_FROM_ADDRESS);
      add(atAccount, FREE_AT_ACCOUNT);
      if (!isKnownAddress) {
        const tries = strangers.tries + 1;
        const gapMs = tries < FREE_FROM_STRANGERS ? 0 : Math.min(MAX_GAP_MS, 250 * (tries - FREE_FROM_STRANGERS + 1));
        counts.set(byStrangers, { tries, notBeforeMs: Math.max(strangers.notBeforeMs, nowMs()) + gapMs });
      }
      return {
        kind: "accepted",
        delayMs,
        succeeded() {
          counts.delete(atAccount);
          // One less, not zero: otherwise attackers could reset the count by logging in to their own account between
          // guesses.
          takeBack(fromAddress);
          if (!isKnownAddress) takeBack(byStrangers);
        },
      };
    },
  };
}

/** A single IPv6 client usually controls a whole /64. */
function networkOf(address: string): string {
  return isIP(address) === 6 ? ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`).toString() : address;
}
