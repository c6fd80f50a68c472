import type { SessionRow } from "../../../sidecar/src/engine/sessions/session.ts";
import { type Mutant, misread, rewritten, skipped } from "./mutants.ts";
import { requestContext } from "./replica.ts";

/** Deliberate bugs of what follows when a database has lost what it knew. */
export const LOSS_MUTANTS: readonly Mutant[] = [
  {
    bug: "a token that the database has lost is unknown",
    alteration: misread((row) => {
      // A first byte of 0 marks what is sealed without a key.
      if (isAhead(row)) row.salt = Buffer.concat([Buffer.of(0), Buffer.alloc(32, 9)]);
    }),
  },
  { bug: "a newer token is accepted and not taken over", alteration: skipped("session-adopt") },
  {
    bug: "a token that is taken over keeps the one before it for a day",
    alteration: rewritten("session-adopt", (text) =>
      text.replace("make_interval(secs => $6::float8)", "$6::float8 * interval '24 minutes'"),
    ),
  },
  {
    bug: "one party after the other is taken over",
    alteration: misread((row) => {
      row.adoptedAt = null;
    }),
  },
  {
    bug: "a newer token needs no proof of the session's device",
    alteration: misread((row) => {
      if (isAhead(row)) row.deviceThumbprint = null;
    }),
  },
  {
    bug: "a recovery brings back no end",
    alteration: rewritten("recover-end-sessions", (text) => text.replace("WHERE ", "WHERE false AND ")),
  },
  {
    bug: "a recovery forgets which tokens had been replaced",
    alteration: rewritten("recover-advance", (text) => text.replace("WHERE ", "WHERE false AND ")),
  },
  {
    bug: "a recovery takes every end for a logout",
    alteration: rewritten("recover-end-sessions", (text) =>
      text.replace("end_reason = lost.reason", "end_reason = coalesce('LoggedOut', lost.reason)"),
    ),
  },
];

function isAhead(row: Pick<SessionRow, "gen">): boolean {
  return (requestContext.getStore()?.gen ?? 0) > row.gen + 1;
}
