import type { Visit } from "./visit.ts";

/** What runs on the server. Next says it to itself only; the client has no part in it. */
export type Part = "page" | "action" | "route";

/** A request on the server, as Next shows it. */
export interface ServerVisit extends Omit<Visit, "method" | "isRender"> {
  readonly part: Part;
  /** Undefined where Next does not tell it. */
  readonly method: string | undefined;
  /** What the proxy knows it by, as `placeOf()` writes it. Undefined where Next tells no address. */
  readonly place: string | undefined;
}
