/** What a host of the Web's own requests and responses needs of core: an adapter adds how such requests come to it. */

export { responseOf, setAnswerHeaders } from "../answers/web-response.ts";
export { copyOf, respond } from "./respond.ts";
export { type RequestContext, targetOf, viewOfRequest, type WebRequest, webView } from "./web-request.ts";
export { createWebSink, type WebSink } from "./web-sink.ts";
