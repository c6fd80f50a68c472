/** Of a `DeviceError`. */
export type DeviceErrorCode =
  /** `initFetchWithDevice()` was not called. */
  | "ERR_NOT_INITIALISED"
  /** An option of `initFetchWithDevice()` is wrong. */
  | "ERR_INVALID_OPTION"
  /** The page is neither on https nor on localhost, so the browser offers no keys. */
  | "ERR_NO_WEB_CRYPTO"
  /** The server gave no device challenge. */
  | "ERR_NO_CHALLENGE";

/** No proof could be made. The message says what was expected; failures of the network itself stay what `fetch` throws. */
export class DeviceError extends Error {
  override readonly name = "DeviceError";
  readonly code: DeviceErrorCode;

  constructor(code: DeviceErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
