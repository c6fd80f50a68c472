import { currentDevice, setDevice } from "./current.ts";
import { DeviceError } from "./error.ts";
import { createDeviceFetch, type DeviceFetch, type FetchWithDeviceOptions } from "./fetch.ts";

export type { DeviceChallenge } from "./challenge.ts";
export { DeviceError, type DeviceErrorCode } from "./error.ts";
export type { FetchWithDeviceOptions } from "./fetch.ts";

let send: typeof fetch | undefined;

/**
 * Sets up `fetchWithDevice`. Call it once, before the first use. Without options it uses the middleware's ready-made
 * routes under `/session`. In a browser it immediately starts to create the key and fetch a challenge. While the page
 * is in use, it fetches the next challenge before a request needs it, and keeps the device cookie fresh, which opens
 * pages that require a recent proof. For a page that nobody uses it does neither.
 *
 * Throws a `DeviceError` with `ERR_INVALID_OPTION`.
 */
export function initFetchWithDevice(options: FetchWithDeviceOptions = {}): void {
  // Saved at the first call, because an app may replace the browser's fetch with fetchWithDevice.
  send ??= globalThis.fetch.bind(globalThis);
  const device = createDeviceFetch(options, send);
  setDevice(device);
  if (typeof document !== "undefined") device.prepare();
}

/**
 * Like `fetch`, but adds a proof of this browser's device key in the header `DPoP` to each request to the page's own
 * origin and to `deviceOrigins` (RFC 9449). If the server requires a proof over a new challenge, the request is signed
 * and sent once more, unless its body is a stream. Requests to other origins are not changed.
 *
 * Rejects like `fetch`, and with a `DeviceError`: `ERR_NOT_INITIALISED`, `ERR_NO_WEB_CRYPTO`, `ERR_NO_CHALLENGE`.
 */
export const fetchWithDevice: typeof fetch = async (input, init) => initialised().fetch(input, init);

/**
 * Binds the current session to this browser's device key with `POST {routesPrefix}/device`. Returns the response of
 * that route, and rejects like `fetchWithDevice`. Call it soon after the login: the server accepts it for five minutes
 * by default, later only after a re-authentication. A login that is sent with `fetchWithDevice` does not need this
 * call.
 */
export async function registerDevice(): Promise<Response> {
  return initialised().registerDevice();
}

/**
 * Deletes this browser's device key, for every tab; the next request creates another one. A session that is bound to
 * the old key can then only log out. Rejects with `ERR_NOT_INITIALISED`, or with the database's own error if the key
 * could not be deleted.
 */
export async function resetDevice(): Promise<void> {
  await initialised().resetDevice();
}

function initialised(): DeviceFetch {
  const device = currentDevice();
  if (device) return device;
  throw new DeviceError("ERR_NOT_INITIALISED", "Call initFetchWithDevice() once, before the first fetchWithDevice().");
}
