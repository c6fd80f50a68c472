import type { AttachedRequest, Gate, GateResponse } from "@byo-session/core";
import { HANDOVER_HEADER, type HandoverSigner, type OpenedHandover } from "./handover.ts";
import type { SessionOptions } from "./options.ts";
import { attachedTo, createVisitGate, signerFor, type Visit } from "./visit.ts";

/** A request on the server. What Next does not tell of it is undefined. */
export interface ServerVisit extends Visit {
  readonly knownMethod: string | undefined;
  readonly knownPath: string | undefined;
  /** A page or an action: a guard sends it to the login page, whichever way Next's router has asked for it. */
  readonly asPage: boolean;
}

export interface Entered {
  readonly attached: AttachedRequest;
  /** Core's answer to a request that may not pass. */
  readonly answer: GateResponse | undefined;
  readonly asPage: boolean;
}

/** Takes in the requests of an application's server, with or without a proxy before it. */
export interface ServerStage {
  /** @throws ConfigurationError `ERR_BYO_OPTIONS`, at the first request, for options that cannot be used. */
  enter(visit: ServerVisit): Promise<Entered>;
  gate(): Gate<Visit>;
}

/**
 * `options` undefined: those that the proxy tells of, and without its word what the environment says. `always` holds
 * whatever the others are.
 */
export function createServerStage(
  options: SessionOptions | undefined,
  always: Pick<SessionOptions, "routes"> = {},
): ServerStage {
  // Made at the first request: a build, which loads every route, has no environment.
  let own: { gate: Gate<Visit>; signer: HandoverSigner | undefined } | undefined;
  const byToldOptions = new Map<string, Gate<Visit>>();

  function ownParts() {
    if (!own) {
      const gate = createVisitGate({ ...options, ...always });
      own = { gate, signer: signerFor(gate, options ?? {}) };
    }
    return own;
  }

  function gateFor(handover: OpenedHandover | undefined): Gate<Visit> {
    const { gate } = ownParts();
    if (options || !handover) return gate;
    let told = byToldOptions.get(handover.options);
    if (!told) {
      told = createVisitGate({ ...JSON.parse(handover.options), ...always, client: gate.settings.client });
      byToldOptions.set(handover.options, told);
    }
    return told;
  }

  async function openHandover({ headers, knownMethod, knownPath }: ServerVisit): Promise<OpenedHandover | undefined> {
    const sealed = headers.get(HANDOVER_HEADER);
    if (sealed === null || knownPath === undefined) return undefined;
    return ownParts().signer?.open(sealed, { method: knownMethod, path: knownPath });
  }

  return {
    gate: () => ownParts().gate,
    async enter(visit) {
      visit.handover = await openHandover(visit);
      await gateFor(visit.handover).handle(visit);
      return { attached: attachedTo(visit), answer: visit.answer, asPage: visit.asPage };
    },
  };
}
