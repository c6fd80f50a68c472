import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import type { Settings } from "../config/env.ts";
import { ConfigError } from "../config/jsonc.ts";
import type { TlsFiles } from "./http-server.ts";

/** Reads the certificate and its key if the settings name them. Throws if they do not belong together. */
export async function readTlsFiles({ tlsCertFile, tlsKeyFile }: Settings): Promise<TlsFiles | undefined> {
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return undefined;
  const cert = await read("TLS_CERT_FILE", tlsCertFile);
  const key = await read("TLS_KEY_FILE", tlsKeyFile);
  try {
    createSecureContext({ cert, key });
  } catch {
    // OpenSSL's message about a key file may quote parts of it.
    throw new ConfigError([
      `TLS_CERT_FILE, TLS_KEY_FILE: expected a certificate chain and its private key in PEM, but ${tlsCertFile} and ${tlsKeyFile} do not belong together`,
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
