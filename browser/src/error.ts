/**
 * - `ERR_NOT_INITIALISED`: `initFetchWithDevice()` was not called.
 * - `ERR_INVALID_OPTION`: an option of `initFetchWithDevice()` is wrong.
 * - `ERR_NO_WEB_CRYPTO`: the page is neither on https nor on localhost, so the browser offers no keys.
 * - `ERR_NO_CHALLENGE`: the server gave no device challenge.
 */
export type DeviceErrorCode = "ERR_NOT_INITIALISED" | "ERR_INVALID_OPTION" | "ERR_NO_WEB_CRYPTO" | "ERR_NO_CHALLENGE";

/** No proof could be made. The message says what was expected; failures of the network itself stay what `fetch` throws. */
export class DeviceError extends Error {
  override readonly name = "DeviceError";
  readonly code: DeviceErrorCode;

  constructor(code: DeviceErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
