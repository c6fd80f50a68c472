/** What of the bridge to Node imports nothing of Node: bundlers for an edge runtime, where it is not called, take it too. */

export { setHeaders } from "../answers/response-headers.ts";
export { deliver, sinkOf } from "./bridge.ts";
export { answerUpgrade } from "./upgrade.ts";
