import type { ByoSessionOptions, GateResponse, UpgradeResult } from "@byo-session/core";
import {
  createVisitGate,
  createWebSink,
  respond,
  responseOf,
  type VisitBinding,
  type VisitGate,
  viewOfRequest,
} from "@byo-session/core/web";
import { begin, visitOf, type WebVisit } from "./visit.ts";

/** What differs between hosts; `N` is the host's own request object. */
export interface WebHost<N> extends Pick<VisitBinding<N>, "offer"> {
  /** Path and query as the host's routes see them, if the application is mounted on a path. */
  routedTarget?(native: N): string;
  /**
   * The server has sent this request to itself, and continues with what the response sets: its session is not rotated.
   */
  isInternal?(native: N): boolean;
  /** Core's response in the host's own form. Default: a `Response`. */
  deliver?(native: N, answer: GateResponse): Response | Promise<Response>;
}

export type Handler = () => Response | Promise<Response>;

export interface WebGate<N> {
  readonly settings: VisitGate<N>["settings"];
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
  const gate = createVisitGate<N>(options, {
    ...{ visitOf, offer: host.offer },
    read: (native) => visitOf(native).view,
  });
  if (!clientIp) console.warn(NO_ADDRESS);

  const viewOf = (request: Request, native: N, target?: string) =>
    viewOfRequest(request, {
      ...{ target, routedTarget: host.routedTarget?.(native) },
      clientIp: () => clientIp?.(native),
    });

  async function goOn(native: N, handler: Handler): Promise<Response> {
    const answer = await visitOf(native).decision;
    return answer ? (host.deliver?.(native, answer) ?? responseOf(answer)) : handler();
  }

  return {
    settings: gate.settings,
    run(request, native, handler, target) {
      const sink = createWebSink(host.isInternal?.(native), () => request.signal);
      const visit: WebVisit = { view: viewOf(request, native, target), sink };
      return respond(sink, () => {
        begin(native, visit);
        visit.decision = gate.decide(native);
        return goOn(native, handler);
      });
    },
    goOn,
    authenticateUpgrade: (request, native) => gate.authenticateUpgrade(native, viewOf(request, native)),
  };
}
