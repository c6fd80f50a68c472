import { type ClientRequest, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { EXTENSIONS_HEADER, FRAMES } from "../../frames/index.ts";
import type { CarrierOptions } from "../carrier.ts";

export type Handshake =
  | { kind: "open"; socket: Socket; head: Buffer; isExtended: boolean }
  /** The sidecar answered that it has no fast path. */
  | { kind: "absent" }
  /** It does not answer, is busy, or does not accept the key: `/run-command` will report which. */
  | { kind: "failed" };

const TIMEOUT_MS = 2000;
const KEEP_ALIVE_MS = 15_000;
/** What a sidecar with a fast path may answer instead of opening a connection. */
const FOR_NOW: ReadonlySet<number | undefined> = new Set([401, 403, 408, 429, 500, 502, 503, 504]);

/**
 * Opens a fast-path connection with an HTTP upgrade request (RFC 9110, section 7.8): the integration key is checked
 * before any frame is read, on the same port and through the same proxies. Never rejects.
 */
export function openFastPath({
  address,
  authorization,
  extension,
}: Pick<CarrierOptions, "address" | "authorization"> & { extension: string | undefined }): Promise<Handshake> {
  const { endpoint, socketPath } = address;
  const url = new URL(endpoint);
  url.pathname = url.pathname.replace(/\/run-command$/, FRAMES.path);
  const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, {
    agent: false,
    ...(socketPath !== undefined && { socketPath }),
    headers: {
      authorization,
      connection: "Upgrade",
      upgrade: FRAMES.protocol,
      ...(extension !== undefined && { [EXTENSIONS_HEADER]: extension }),
    },
  });
  return settle(request, extension);
}

function settle(request: ClientRequest, extension: string | undefined): Promise<Handshake> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => end({ kind: "failed" }), TIMEOUT_MS);
    function end(handshake: Handshake): void {
      clearTimeout(timer);
      if (handshake.kind !== "open") request.destroy();
      resolve(handshake);
    }
    request.on("upgrade", ({ headers }, socket: Duplex, head: Buffer) => {
      if (headers.upgrade?.toLowerCase() !== FRAMES.protocol || !(socket instanceof Socket)) {
        socket.destroy();
        return end({ kind: "absent" });
      }
      // Without this, small consecutive writes would wait for each other's acknowledgement; keep-alive detects a
      // silent end.
      socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
      // A sidecar that does not know the extension says nothing of it, and never grants anything.
      const isExtended = extension !== undefined && headers[EXTENSIONS_HEADER] === extension;
      end({ kind: "open", socket, head, isExtended });
    });
    request.on("response", ({ statusCode }) => end({ kind: FOR_NOW.has(statusCode) ? "failed" : "absent" }));
    request.on("error", () => end({ kind: "failed" }));
    request.end();
  });
}
