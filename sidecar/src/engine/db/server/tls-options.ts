import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { type ConnectionSettings, ConnectionStringError } from "../../connection-string.ts";

/** Gives the TLS options for the next connection; false: it is not encrypted. */
export type TlsOptions = () => ConnectionOptions | false;

/**
 * Reads the certificates that the connection string names, and again for each connection, so that renewed ones need no
 * restart. Throws if one cannot be read at first; later the last ones that could be read stay in use.
 */
export function createTlsOptions(settings: ConnectionSettings): TlsOptions {
  const { sslMode, sslRootCert, sslCert, sslKey } = settings;
  if (sslMode === undefined || sslMode === "disable") return () => false;

  function read(): ConnectionOptions {
    return {
      rejectUnauthorized: sslMode !== "no-verify",
      // The chain is still verified: only the name in the certificate is not compared.
      ...(sslMode === "verify-ca" && { checkServerIdentity: () => undefined }),
      ...(sslRootCert && { ca: readText("sslrootcert", sslRootCert) }),
      ...(sslCert && { cert: readText("sslcert", sslCert) }),
      ...(sslKey && { key: readText("sslkey", sslKey) }),
    };
  }

  let latest = read();
  return () => {
    try {
      latest = read();
    } catch {
      // A renewal may be half done.
    }
    return latest;
  };
}

function readText(parameter: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConnectionStringError(`${parameter}: ${path} cannot be read (${Object(error).code})`);
  }
}
