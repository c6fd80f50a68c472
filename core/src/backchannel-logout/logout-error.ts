/** A logout request that is refused. The message is sent to the provider, and never contains the token. */
export class LogoutRefused extends Error {
  override readonly name = "LogoutRefused";
}
