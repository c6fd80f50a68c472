/** What a host with web-standard requests and responses needs from core: an adapter adds how requests reach it. */

export { responseOf, setAnswerHeaders } from "../answers/web-response.ts";
export { copyOf, respond } from "./respond.ts";
export { createVisitGate, type Visit, type VisitBinding, type VisitGate } from "./visit-gate.ts";
export { type RequestContext, targetOf, viewOfRequest } from "./web-request.ts";
export { createWebSink, type WebSink } from "./web-sink.ts";
