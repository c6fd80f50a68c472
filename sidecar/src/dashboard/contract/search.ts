/** The answer of `search/find`, the best hits first. */
export interface SearchAnswer {
  hits: SearchHit[];
}

export type SearchHit =
  | { kind: "session"; text: string; userId: string; isExact: boolean }
  | { kind: SearchKind; text: string; isExact: boolean };

/** What can be found besides sessions. */
export type SearchKind = "user" | "address" | "tag" | "device" | "key";
