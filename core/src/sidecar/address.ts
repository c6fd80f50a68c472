import { ConfigurationError } from "../errors.ts";

/** The address of a sidecar. */
export interface SidecarAddress {
  /** Where commands are posted. Its host has no meaning if there is a socket path. */
  readonly endpoint: URL;
  readonly socketPath?: string;
  /** For people: the origin, or the path of the socket. */
  readonly name: string;
}

/**
 * Reads `http://…`, `https://…` or `unix:/path/to.sock`.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`
 */
export function readAddress(url: string): SidecarAddress {
  const parsed = URL.parse(url);
  if (parsed?.protocol === "unix:" && parsed.pathname.startsWith("/")) {
    const socketPath = decodeURIComponent(parsed.pathname);
    return { endpoint: new URL("http://localhost/run-command"), socketPath, name: `unix:${socketPath}` };
  }
  if (parsed?.protocol !== "http:" && parsed?.protocol !== "https:") {
    throw new ConfigurationError(
      "ERR_BYO_OPTIONS",
      "`url` (BYO_URL): expected the sidecar's http(s) address, such as http://127.0.0.1:2884, or unix:/path/to/its.sock",
    );
  }
  parsed.pathname = `${parsed.pathname.replace(/\/$/, "")}/run-command`;
  return { endpoint: parsed, name: parsed.origin };
}

/** Whether session tokens would be readable on the network. */
export function isExposed({ endpoint: { protocol, hostname }, socketPath }: SidecarAddress): boolean {
  const isThisMachine = hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
  return protocol === "http:" && socketPath === undefined && !isThisMachine;
}
