import {
  type AttachedRequest,
  createGate,
  type Gate,
  type GateResponse,
  type RequestView,
  type ResponseSink,
} from "@byo-session/core";
import { createHandoverSigner, type HandoverSigner, type OpenedHandover } from "./handover.ts";
import type { SessionOptions, SessionRequest } from "./options.ts";

/** A request in one of the stages that Next handles it in: the proxy, or the server behind it. */
export interface Visit extends SessionRequest {
  /** Path and query. */
  readonly target: string;
  /** A page's render: a page load by its nature, also where Next's router has asked for it by a fetch. */
  readonly isRender: boolean;
  readonly sink: ResponseSink;
  /** What the proxy has said of it. */
  handover?: OpenedHandover | undefined;
  attached?: AttachedRequest;
  /** Core's answer, where it is not the application's to give. */
  answer?: GateResponse;
}

/** @throws ConfigurationError `ERR_BYO_OPTIONS` for options that cannot be used. */
export function createVisitGate(options: SessionOptions): Gate<Visit> {
  const { protect: _proxys, handoverSecret: _signers, ...shared } = options;
  return createGate<Visit>(shared, {
    read: (visit) => new VisitView(visit, options),
    sink: ({ sink }) => sink,
    attach(visit, attached) {
      visit.attached = attached;
    },
    deliver(visit, answer) {
      visit.answer = answer;
    },
    async recall(visit, tokens) {
      if (await visit.handover?.isAbout(tokens)) return visit.handover?.outcome;
      visit.handover = undefined;
      return undefined;
    },
  });
}

/** Of a visit that a gate has handled. Never undefined: what core does not know of must not pass as let in. */
export function attachedTo({ attached }: Visit): AttachedRequest {
  if (attached) return attached;
  throw new Error("core has not attached to a request that it has handled");
}

/** Undefined where there is nothing to sign with: the server then asks the sidecar itself. */
export function signerFor(gate: Gate<Visit>, { handoverSecret }: SessionOptions): HandoverSigner | undefined {
  const secret = handoverSecret ?? gate.settings.integrationKey;
  return secret === undefined ? undefined : createHandoverSigner(secret, Date.now);
}

class VisitView implements RequestView {
  readonly #visit: Visit;
  readonly #options: SessionOptions;

  constructor(visit: Visit, options: SessionOptions) {
    this.#visit = visit;
    this.#options = options;
  }

  get method(): string {
    return this.#visit.method;
  }

  get target(): string {
    return this.#visit.target;
  }

  header(name: string): string | undefined {
    const { isRender, headers } = this.#visit;
    return isRender && name === "sec-fetch-mode" ? "navigate" : (headers.get(name) ?? undefined);
  }

  get clientIp(): string | undefined {
    const { clientIp } = this.#options;
    return clientIp ? clientIp(this.#visit) : this.#visit.handover?.clientIp;
  }
}
