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

/** What differs between hosts; `N` is the host's own request object. */
export interface WebHost<N> {
  /** Path and query as the host's routes see them, if the application is mounted on a path. */
  routedTarget?(native: N): string;
  /**
   * The server has sent this request to itself, and continues with what the response sets: its session is not rotated.
   */
  isInternal?(native: N): boolean;
  /** Makes the session available on the host's own object. */
  offer?(native: N, attached: AttachedRequest): void;
  /** Core's response in the host's own form. Default: a `Response`. */
  deliver?(native: N, answer: GateResponse): Response | Promise<Response>;
}

export type Handler = () => Response | Promise<Response>;

export interface WebGate<N> {
  readonly settings: Gate<N>["settings"];
  /** Core's response, or the handler's, with the cookies and headers for the browser. */
  run(request: Request, native: N, handler: Handler, target?: string): Promise<Response>;
  /** The same inside a request that is already being handled: core's decision stays. */
  goOn(native: N, handler: Handler): Promise<Response>;
  authenticateUpgrade(request: Request, native: N): Promise<UpgradeResult>;
}

const NO_ADDRESS =
  "byo-session: a Request does not contain the client's address, so rules about addresses get none. To pass it, set the " +
  "option `clientIp`: from the connection, or from a header that your own reverse proxy sets";

/** @throws ConfigurationError `ERR_BYO_OPTIONS` for invalid options. */
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
    throw new Error("core refused a request without a response");
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
