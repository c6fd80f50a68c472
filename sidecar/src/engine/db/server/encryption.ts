import { readConnectionString, type SslMode } from "../../connection-string.ts";
import { isLoopback } from "../../loopback.ts";

const SAID: Readonly<Record<SslMode, string>> = {
  disable: "none, as sslmode=disable says",
  "no-verify": "TLS, but the server's certificate is not verified",
  require: "TLS, verified",
  "verify-ca": "TLS, verified except for the name of the server",
  "verify-full": "TLS, verified",
};

export interface Encryption {
  /** In words, for the log. */
  encryption: string;
  /** What should not stay like this. */
  warning: string | undefined;
}

/** How the connections of a connection string are secured. */
export function encryptionOf(setting: string, connectionString: string): Encryption {
  const { sslMode, servers } = readConnectionString(connectionString);
  const isRemote = servers.some(({ host = "localhost" }) => !host.startsWith("/") && !isLoopback(host));
  return {
    encryption: sslMode ? SAID[sslMode] : "none",
    warning: isRemote ? warningFor(setting, sslMode) : undefined,
  };
}

function warningFor(setting: string, sslMode: SslMode | undefined): string | undefined {
  if (sslMode === undefined)
    return `${setting}: connections leave this machine unencrypted, and anyone in between can read them; add sslmode=verify-full, or sslmode=disable if the network itself encrypts`;
  if (sslMode === "no-verify")
    return `${setting}: with sslmode=no-verify anyone in between can pretend to be the database; use verify-full, with sslrootcert if the authority is your own`;
  return undefined;
}
