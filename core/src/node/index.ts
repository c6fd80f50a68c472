/** What the adapters of Node frameworks share; an application does not import it. */

export { type HeaderStore, setHeaders } from "../answers/response-headers.ts";
export { type AdapterWords, type Attachment, createAttachment } from "./attachment.ts";
export { deliver, headersOf, sinkOf, viewOf } from "./bridge.ts";
export { believesForgedAddress } from "./forged-address.ts";
export { createRegistry, type Registry } from "./registry.ts";
export { answerUpgrade } from "./upgrade.ts";
