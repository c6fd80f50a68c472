import type { CommandError, InvalidSessionTokenWord, IpAddressErrorWord } from "@byo-session/core/contract";

export function invalidToken(word: InvalidSessionTokenWord, more?: string): CommandError {
  return { type: "InvalidSessionToken", details: more ? `${word}: ${more}` : word };
}

export function ipError(word: IpAddressErrorWord): CommandError {
  return { type: "IpAddressError", details: word };
}
