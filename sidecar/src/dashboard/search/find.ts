import { isIP } from "node:net";
import { addressRange } from "../../engine/policy/ip-address.ts";
import type { SearchHit } from "../contract/search.ts";
import type { SearchStore } from "./store.ts";

/** What is known without asking the database for it. */
export interface KnownNames {
  tags: readonly string[];
  /** The names of integration keys; empty for people who may not see them. */
  keys: readonly string[];
}

const PER_KIND = 6;
/** A shorter beginning of an id or a device key would find too many to mean one. */
const MIN_ID_CHARS = 8;
const FULL_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";
const DEVICE_KEY = /^[\w-]{8,43}$/;

/** Everything that the text may mean, each found by an index; the most specific first. */
export async function find(text: string, store: SearchStore, known: KnownNames): Promise<SearchHit[]> {
  const [sessions, users, hasTag, devices] = await Promise.all([
    sessionsLike(text, store),
    usersLike(text, store),
    store.hasTag(text),
    DEVICE_KEY.test(text) ? store.devices(text, PER_KIND) : [],
  ]);
  const tags = [...(hasTag ? [text] : []), ...matching(known.tags, text)];
  return [
    ...sessions,
    ...addressesLike(text),
    ...hits("user", users, text),
    ...hits("device", devices, text),
    ...hits("tag", tags, text),
    ...hits("key", matching(known.keys, text), text),
  ];
}

async function sessionsLike(text: string, store: SearchStore): Promise<SearchHit[]> {
  const digits = text.toLowerCase().replaceAll("-", "");
  if (!/^[0-9a-f]+$/.test(digits) || digits.length < MIN_ID_CHARS || digits.length > 32) return [];
  const first = uuidOf(digits.padEnd(32, "0"));
  const found = await store.sessions(first, digits.length === 32 ? first : uuidOf(digits.padEnd(32, "f")), PER_KIND);
  return found.map(({ id, userId }) => ({ kind: "session", text: id, userId, isExact: digits.length === 32 }));
}

function uuidOf(digits: string): string {
  let at = 0;
  return FULL_ID.replace(/f/g, () => digits.charAt(at++));
}

function addressesLike(text: string): SearchHit[] {
  return isIP(text) !== 0 || addressRange(text) ? [{ kind: "address", text, isExact: true }] : [];
}

async function usersLike(text: string, store: SearchStore): Promise<string[]> {
  const [isUser, users] = await Promise.all([store.hasUser(text), store.users(text, PER_KIND)]);
  return isUser ? [text, ...users] : users;
}

function matching(names: readonly string[], text: string): string[] {
  const part = text.toLowerCase();
  return names.filter((name) => name.toLowerCase().includes(part));
}

function hits(kind: Exclude<SearchHit["kind"], "session">, texts: readonly string[], wanted: string): SearchHit[] {
  const different = [...new Set(texts)].slice(0, PER_KIND);
  return different.map((text) => ({ kind, text, isExact: text === wanted }));
}
