/** The keys could not be fetched in time. What they would verify may be good. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
}
