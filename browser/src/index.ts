import { currentDevice, setDevice } from "./current.ts";
import { DeviceError } from "./error.ts";
import { createDeviceFetch, type DeviceFetch, type FetchWithDeviceOptions } from "./fetch.ts";

export type { DeviceChallenge } from "./challenge.ts";
export { DeviceError, type DeviceErrorCode } from "./error.ts";
export type { FetchWithDeviceOptions } from "./fetch.ts";

let send: typeof fetch | undefined;

/**
 * Sets up `fetchWithDevice`, once, before its first use. Without options it works with the middleware's ready-made
 * routes under `/session`. In a browser it begins at once to make the key and to fetch a challenge, and while the page is
 * used it keeps the device cookie fresh, by which pages open that ask for a recent proof.
 *
 * Throws a `DeviceError` with `ERR_INVALID_OPTION`.
 */
export function initFetchWithDevice(options: FetchWithDeviceOptions = {}): void {
  // Kept from the first call on: an app may put fetchWithDevice in the place of the browser's fetch.
  send ??= globalThis.fetch.bind(globalThis);
  const device = createDeviceFetch(options, send);
  setDevice(device);
  if (typeof document !== "undefined") device.prepare();
}

/**
 * As `fetch`, with a proof of this browser's device key in the header `DPoP` of each request to the page's own origin and
 * to `deviceOrigins` (RFC 9449). When the server asks for a proof over a new challenge, the request is signed and sent
 * once more, unless its body is a stream. Other origins get what `fetch` would send them.
 *
 * Rejects as `fetch` does, and with a `DeviceError`: `ERR_NOT_INITIALISED`, `ERR_NO_WEB_CRYPTO`, `ERR_NO_CHALLENGE`.
 */
export const fetchWithDevice: typeof fetch = async (input, init) => initialised().fetch(input, init);

/**
 * Binds the session that is logged in to this browser's device key, by `POST {routesPrefix}/device`. Gives the answer of
 * that route, and rejects as `fetchWithDevice` does. Call it soon after the login: the server takes it for five minutes by
 * default, later only after a re-authentication. A login that is sent by `fetchWithDevice` needs no such call.
 */
export async function registerDevice(): Promise<Response> {
  return initialised().registerDevice();
}

/**
 * Forgets this browser's device key, in every tab; the next request makes another one. A session that is bound to the old
 * key can then only be logged out. Rejects with `ERR_NOT_INITIALISED`, and with the database's own error if the key could
 * not be deleted.
 */
export async function resetDevice(): Promise<void> {
  await initialised().resetDevice();
}

function initialised(): DeviceFetch {
  const device = currentDevice();
  if (device) return device;
  throw new DeviceError("ERR_NOT_INITIALISED", "Call initFetchWithDevice() once, before the first fetchWithDevice().");
}
