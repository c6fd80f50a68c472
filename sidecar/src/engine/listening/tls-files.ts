import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import type { Settings } from "../config/env.ts";
import { ConfigError } from "../config/jsonc.ts";
import type { TlsFiles } from "./http-server.ts";

/** Reads the certificate and its key where the settings name them. Throws when they cannot be used together. */
export async function readTlsFiles({ tlsCertFile, tlsKeyFile }: Settings): Promise<TlsFiles | undefined> {
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return undefined;
  const cert = await read("TLS_CERT_FILE", tlsCertFile);
  const key = await read("TLS_KEY_FILE", tlsKeyFile);
  try {
    createSecureContext({ cert, key });
  } catch {
    // What OpenSSL says of a key file may hold parts of it.
    throw new ConfigError([
      `TLS_CERT_FILE, TLS_KEY_FILE: expected a certificate chain and its private key in PEM, as in ${tlsCertFile} and ${tlsKeyFile}; these two do not fit together`,
    ]);
  }
  return { cert, key };
}

async function read(name: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new ConfigError([`${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`]);
  }
}
