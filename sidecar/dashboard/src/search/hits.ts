import type { SearchHit } from "../../../src/dashboard/contract/search.ts";
import { sessionsPath } from "../sessions/filters.ts";

/** What each kind is called in a list of hits. */
export const KIND_NAMES: Readonly<Record<SearchHit["kind"], string>> = {
  session: "Session",
  user: "User",
  address: "Address",
  tag: "Tag",
  device: "Device key",
  key: "Integration key",
};

/** The page that a hit leads to. */
export function hitPath({ kind, text }: SearchHit): string {
  switch (kind) {
    case "session":
      return `/sessions/${text}`;
    case "user":
      return sessionsPath({ userId: text });
    case "address":
      return sessionsPath({ ip: text });
    case "tag":
      return sessionsPath({ tag: [text] });
    case "device":
      return sessionsPath({ deviceKey: text });
    case "key":
      return "/settings/keys";
  }
}

/** The page that finds a text, and goes to what it means if that is clear. This address is stable: logs link to it. */
export function findPath(text: string): string {
  return `/find?q=${encodeURIComponent(text)}`;
}

/** The only thing that the text can mean: what has exactly this name, or else the only hit. */
export function clearHit(hits: readonly SearchHit[]): SearchHit | undefined {
  const exact = hits.filter(({ isExact }) => isExact);
  const candidates = exact.length > 0 ? exact : hits;
  return candidates.length === 1 ? candidates[0] : undefined;
}
