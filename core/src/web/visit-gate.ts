import type { GateResponse } from "../answers/gate-response.ts";
import type { ResponseSink } from "../credentials/credential-response.ts";
import type { AttachedRequest } from "../gate/attached-request.ts";
import { type Binding, createGate, type Gate } from "../gate/gate.ts";
import type { ByoSessionOptions } from "../settings/options.ts";

/** One request on its way through a gate, in a host that returns its responses. */
export interface Visit {
  readonly sink: ResponseSink;
  attached?: AttachedRequest;
  /** Core's response, if it is not the application's to give. */
  answer?: GateResponse;
}

/** `N` is the host's own request object. */
export interface VisitBinding<N> extends Pick<Binding<N>, "read" | "recall"> {
  visitOf(native: N): Visit;
  /** Makes the session available on the host's own object. */
  offer?(native: N, attached: AttachedRequest): void;
}

export interface VisitGate<N> extends Pick<Gate<N>, "settings" | "authenticateUpgrade"> {
  /** Core's response to a request that may not pass; undefined if the handler's is due. */
  decide(native: N): Promise<GateResponse | undefined>;
}

/** @throws ConfigurationError `ERR_BYO_OPTIONS` for invalid options. */
export function createVisitGate<N>(
  options: ByoSessionOptions<N>,
  { visitOf, offer, ...binding }: VisitBinding<N>,
): VisitGate<N> {
  const { settings, handle, authenticateUpgrade } = createGate<N>(options, {
    ...binding,
    sink: (native) => visitOf(native).sink,
    attach(native, attached) {
      visitOf(native).attached = attached;
      offer?.(native, attached);
    },
    deliver(native, answer) {
      visitOf(native).answer = answer;
    },
  });
  return {
    ...{ settings, authenticateUpgrade },
    async decide(native) {
      const mayPass = await handle(native);
      const { answer } = visitOf(native);
      if (mayPass || answer) return answer;
      throw new Error("core refused a request without a response");
    },
  };
}
