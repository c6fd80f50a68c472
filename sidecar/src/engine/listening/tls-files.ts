import { createHash, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Server } from "node:http";
import { Server as SecureServer } from "node:https";
import { createSecureContext } from "node:tls";
import type { Logger } from "pino";
import { ConfigError } from "../config/jsonc.ts";
import type { Settings } from "../config/settings.ts";
import type { TlsFiles } from "./http-server.ts";

/** The certificate of the ports, which may be renewed while they listen. */
export interface FollowedTls {
  current(): TlsFiles;
  /** New connections to the server get what the files say now, and later what they change to. */
  keepCurrent(server: Server): void;
  /** Whether the newest files cannot be used, so that an earlier certificate is. */
  isStale(): boolean;
  /** Reads the files now. A change that cannot be used is logged once; the earlier certificate stays in use. */
  reloadNow(): Promise<void>;
  close(): void;
}

const POLL_INTERVAL_MS = 1000;

/** Reads the certificate and its key if the settings name them, and follows their changes. */
export async function followTlsFiles(
  settings: Settings,
  log: Pick<Logger, "info" | "error">,
): Promise<FollowedTls | undefined> {
  const { tlsCertFile, tlsKeyFile } = settings;
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return undefined;
  const paths = { cert: tlsCertFile, key: tlsKeyFile };
  let current = await readTlsFiles(paths);
  let seen = printOf(current);
  let isStale = false;
  const servers = new Set<SecureServer>();

  async function reload(): Promise<void> {
    try {
      const files = await readTlsFiles(paths);
      isStale = false;
      const print = printOf(files);
      if (print === seen) return;
      current = files;
      seen = print;
      for (const server of servers) server.setSecureContext(files);
      log.info({ file: paths.cert }, "the certificate has changed; new connections get the new one");
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      isStale = true;
      // Certificate and key are seldom replaced in the same moment, so this may pass with the next look.
      if (error.message === seen) return;
      seen = error.message;
      log.error({ file: paths.cert }, `${error.message}. The earlier certificate stays in use.`);
    }
  }

  // One look after the other: two at once could replace a newer certificate by an older one.
  let reloads = Promise.resolve();
  const reloadNow = () => {
    reloads = reloads
      .then(reload)
      .catch((error: unknown) => log.error({ err: error }, "the certificate could not be read again"));
    return reloads;
  };
  // Not fs.watch: it misses changes on network mounts, and in containers where a symbolic link swaps the folder.
  const timer = setInterval(() => void reloadNow(), POLL_INTERVAL_MS).unref();

  return {
    current: () => current,
    keepCurrent(server) {
      if (server instanceof SecureServer) servers.add(server);
    },
    isStale: () => isStale,
    reloadNow,
    close: () => clearInterval(timer),
  };
}

/** Reads both files. Throws a `ConfigError` if they cannot be used together now. */
async function readTlsFiles(paths: { cert: string; key: string }): Promise<TlsFiles> {
  const cert = await read("TLS_CERT_FILE", paths.cert);
  const key = await read("TLS_KEY_FILE", paths.key);
  try {
    createSecureContext({ cert, key });
  } catch {
    // OpenSSL's message about a key file may quote parts of it.
    throw new ConfigError([
      `TLS_CERT_FILE, TLS_KEY_FILE: expected a certificate chain and its private key in PEM, but ${paths.cert} and ${paths.key} do not belong together`,
    ]);
  }
  const { validTo } = new X509Certificate(cert);
  if (Date.parse(validTo) < Date.now()) {
    throw new ConfigError([
      `TLS_CERT_FILE: ${paths.cert} has expired on ${validTo}, so no client would accept it; renew it`,
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

/** Tells contents apart, without keeping a second copy of a key. */
function printOf({ cert, key }: TlsFiles): string {
  return createHash("sha256").update(cert).update(key).digest("hex");
}
