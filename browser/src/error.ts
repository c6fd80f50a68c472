/** The codes of a `DeviceError`. */
export type DeviceErrorCode =
  /** `initFetchWithDevice()` was not called. */
  | "ERR_NOT_INITIALISED"
  /** An option of `initFetchWithDevice()` is wrong. */
  | "ERR_INVALID_OPTION"
  /** The page is not on https or localhost, so the browser offers no keys. */
  | "ERR_NO_WEB_CRYPTO"
  /** The server returned no device challenge. */
  | "ERR_NO_CHALLENGE";

/** No proof could be created. The message says what was expected; network failures stay what `fetch` throws. */
export class DeviceError extends Error {
  override readonly name = "DeviceError";
  readonly code: DeviceErrorCode;

  constructor(code: DeviceErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
