/** What a host of the Web's own requests and responses needs of core: an adapter adds how such requests come to it. */
export { respond } from "./respond.ts";
export { type RequestContext, targetOf, viewOfRequest } from "./web-request.ts";
export { copyOf, createWebSink, responseOf, setAnswerHeaders, type WebSink } from "./web-response.ts";
