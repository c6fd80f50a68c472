/** What the adapters of Node frameworks share; an application does not import it. */
export { deliver, sinkOf, viewOf } from "./bridge.ts";
