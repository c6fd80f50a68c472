import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { Traceparent } from "./traceparent.ts";

/** One request or framed command, from its arrival to its answer. */
export class CurrentRequest {
  /** The trace that the caller works on. It names lines and spans, and decides nothing else. */
  traceparent: Traceparent | undefined;
  /** What still runs afterwards, such as a timer that was set meanwhile, belongs to no request. */
  isAnswered = false;
  #id: string | undefined;

  constructor(traceparent?: Traceparent) {
    this.traceparent = traceparent;
  }

  /** Random, and never taken from the caller: two requests cannot share it. Made when it is first needed. */
  get id(): string {
    this.#id ??= randomUUID();
    return this.#id;
  }
}

const storage = new AsyncLocalStorage<CurrentRequest | undefined>();

/** Runs work, and all that it starts, as a part of the request. */
export function during<T>(request: CurrentRequest, work: () => T): T {
  return storage.run(request, work);
}

/** Runs work that serves several requests, so that it does not count as a part of the one that started it. */
export function outsideRequests<T>(work: () => T): T {
  return storage.run(undefined, work);
}

export function currentRequest(): CurrentRequest | undefined {
  const request = storage.getStore();
  return request?.isAnswered ? undefined : request;
}

/** What names the current request in a line of the log. */
export interface RequestNames {
  requestId?: string;
  traceId?: string;
}

export function requestNames(): RequestNames {
  const request = currentRequest();
  if (!request) return {};
  return { requestId: request.id, ...(request.traceparent && { traceId: request.traceparent.traceId }) };
}
