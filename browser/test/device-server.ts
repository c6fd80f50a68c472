import { createSecretKey, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createChallenges } from "../../sidecar/src/engine/devices/challenge.ts";
import { verifySignedChallenge } from "../../sidecar/src/engine/devices/proof.ts";

export interface SeenRequest {
  method: string;
  path: string;
  status: number;
  body: string;
  headers: IncomingMessage["headers"];
  /** The key that signed, when the proof was good. */
  thumbprint?: string;
}

/** An app with device-bound routes, and all that a test may change about it. */
export interface DeviceServer {
  readonly origin: string;
  readonly seen: SeenRequest[];
  /** Requests of the path, in order. */
  requestsFor(path: string): SeenRequest[];
  /** The address that clients seem to come from: when it changes, their challenges are no longer good. */
  ip: string;
  lifetimeSecs: number;
  challengeStatus: 401 | 425;
  /** Answers that ask for a new challenge do not bring one. */
  bareAnswers: boolean;
  /** Set to make `GET /session/challenge` fail. */
  challengeFailure: number | undefined;
  /** Challenges are answered when this is settled. */
  beforeChallenge: Promise<void>;
  refuseAll: boolean;
  /** The life of the device cookie that each good proof earns; 0: none is given. */
  deviceCookieSecs: number;
  /** What `GET /session` answers to a good proof. */
  whoAmI: { status: number; hasDeviceRegistered: boolean };
  close(): Promise<void>;
}

const PAGE = `<!doctype html><title>app</title><script type="module">
  import * as byo from "/lib.js";
  globalThis.byo = byo;
</script>`;

/** Starts it on a free port, with the library's bundle in its page. */
export async function startDeviceServer(bundle: string): Promise<DeviceServer> {
  const key = { id: 1, secret: createSecretKey(randomBytes(32)) };
  const challenges = createChallenges({ keys: () => [key], lifetimeSecs: () => state.lifetimeSecs });
  const usedJtis = new Set<string>();
  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const seen: SeenRequest[] = [];
  const state: DeviceServer = {
    origin,
    seen,
    requestsFor: (path) => seen.filter((request) => request.path === path),
    ip: "203.0.113.7",
    lifetimeSecs: 600,
    challengeStatus: 425,
    bareAnswers: false,
    challengeFailure: undefined,
    beforeChallenge: Promise.resolve(),
    refuseAll: false,
    deviceCookieSecs: 0,
    whoAmI: { status: 200, hasDeviceRegistered: true },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = request;
    const path = url.split("?", 1)[0] ?? "";
    response.setHeader("Access-Control-Allow-Origin", headers.origin ?? origin);
    response.setHeader("Access-Control-Allow-Credentials", "true");
    response.setHeader("Access-Control-Allow-Headers", "dpop, content-type");
    const answer = (status: number, body: unknown, thumbprint?: string) => {
      seen.push({ method, path, status, body: received, headers, ...(thumbprint !== undefined && { thumbprint }) });
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    };
    const received = await text(request);
    if (method === "OPTIONS") return void response.writeHead(204).end();
    if (path === "/") return void response.setHeader("Content-Type", "text/html").end(PAGE);
    if (path === "/lib.js") return void response.setHeader("Content-Type", "text/javascript").end(bundle);
    if (path === "/session/challenge") {
      await state.beforeChallenge;
      return state.challengeFailure
        ? answer(state.challengeFailure, {})
        : answer(200, challenges.issue({ ip: state.ip }));
    }
    if (path === "/moved") return void response.writeHead(302, { Location: "/open/425" }).end();
    if (path.startsWith("/open/")) return answer(path === "/open/425" ? 425 : 200, newChallenge());
    const [status, body, thumbprint] = await judge(request);
    if (status === 200 && state.deviceCookieSecs > 0) {
      response.setHeader("Device-Cookie-Max-Age", String(state.deviceCookieSecs));
    }
    if (status !== 200 || path !== "/session") return answer(status, body, thumbprint);
    answer(state.whoAmI.status, { session: state.whoAmI }, thumbprint);
  }

  function newChallenge(): unknown {
    const challenge = state.bareAnswers ? {} : challenges.issue({ ip: state.ip });
    return { errorType: "NewDeviceChallengeRequired", ...challenge };
  }

  async function judge({ method, url, headers: { dpop } }: IncomingMessage): Promise<[number, unknown, string?]> {
    if (typeof dpop !== "string") return [401, { errorType: "Unauthorized", reason: "DeviceVerificationRequired" }];
    const proof = await verifySignedChallenge(dpop, { requestUrl: `${origin}${url}`, requestMethod: method });
    if (!proof.ok) return [401, { errorType: "Unauthorized", reason: "DeviceVerificationFailed", ...proof }];
    if (state.refuseAll || challenges.check(proof.nonce, { ip: state.ip }) !== "ok") {
      return [state.challengeStatus, newChallenge()];
    }
    if (usedJtis.has(proof.jti)) return [401, { errorType: "Unauthorized", reason: "DeviceVerificationFailed" }];
    usedJtis.add(proof.jti);
    return [200, { thumbprint: proof.thumbprint }, proof.thumbprint];
  }

  return state;
}
