import {
  type AttachedRequest,
  type ByoSessionOptions,
  createGate,
  type Gate,
  type GateResponse,
  type UpgradeResult,
} from "@byo-session/core";
import { createWebSink, respond, responseOf, viewOfRequest } from "@byo-session/core/web";
import { begin, type Visit, visitOf } from "./visit.ts";

/** What a host has its own way to say or to do; `N` is its own object of a request. */
export interface WebHost<N> {
  /** Path and query as the host's routes know them, where the application is mounted below a path. */
  routedTarget?(native: N): string;
  /** The server has sent itself the request, and goes on with what the answer sets: its session is not rotated. */
  isInternal?(native: N): boolean;
  /** Makes the session reachable from the host's own object. */
  offer?(native: N, attached: AttachedRequest): void;
  /** Core's answer, as the host gives it. Default: a `Response`. */
  deliver?(native: N, answer: GateResponse): Response | Promise<Response>;
}

export type Handler = () => Response | Promise<Response>;

export interface WebGate<N> {
  readonly settings: Gate<N>["settings"];
  /** Core's answer, or the handler's, with what the request has to tell the browser. */
  run(request: Request, native: N, handler: Handler, target?: string): Promise<Response>;
  /** The same within a request that is being run: what core has decided of it holds. */
  goOn(native: N, handler: Handler): Promise<Response>;
  authenticateUpgrade(request: Request, native: N): Promise<UpgradeResult>;
}

const NO_ADDRESS =
  "byo-session: a Request does not tell the client's address, so rules about addresses see none. To pass it, set the " +
  "option `clientIp`: from the connection, or from a header that your own reverse proxy sets";

/** @throws ConfigurationError `ERR_BYO_OPTIONS` for options that cannot be used. */
export function createWebGate<N extends object>(options: ByoSessionOptions<N>, host: WebHost<N>): WebGate<N> {
  const { clientIp } = options;
  const gate = createGate<N>(options, {
    read: (native) => visitOf(native).view,
    sink: (native) => visitOf(native).sink,
    attach(native, attached) {
      visitOf(native).attached = attached;
      host.offer?.(native, attached);
    },
    deliver(native, answer) {
      visitOf(native).answer = answer;
    },
  });
  if (!clientIp) console.warn(NO_ADDRESS);

  const viewOf = (request: Request, native: N, target?: string) =>
    viewOfRequest(request, {
      ...{ target, routedTarget: host.routedTarget?.(native) },
      clientIp: () => clientIp?.(native),
    });

  async function decide(native: N): Promise<GateResponse | undefined> {
    if (await gate.handle(native)) return undefined;
    const { answer } = visitOf(native);
    if (answer) return answer;
    throw new Error("core has refused a request without an answer");
  }

  async function goOn(native: N, handler: Handler): Promise<Response> {
    const answer = await visitOf(native).decision;
    return answer ? (host.deliver?.(native, answer) ?? responseOf(answer)) : handler();
  }

  return {
    settings: gate.settings,
    run(request, native, handler, target) {
      const sink = createWebSink(host.isInternal?.(native), () => request.signal);
      const visit: Visit = { view: viewOf(request, native, target), sink };
      return respond(sink, undefined, () => {
        begin(native, visit);
        visit.decision = decide(native);
        return goOn(native, handler);
      });
    },
    goOn,
    authenticateUpgrade: (request, native) => gate.authenticateUpgrade(native, viewOf(request, native)),
  };
}
