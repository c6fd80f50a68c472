/**
 * The part of the Node bridge that imports nothing from Node: bundlers include it for an edge runtime too, where it is
 * never called.
 */

export { setHeaders } from "../answers/response-headers.ts";
export { deliver, headersOf, sinkOf } from "./bridge.ts";
export { answerUpgrade } from "./upgrade.ts";
