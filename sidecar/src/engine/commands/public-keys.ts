import type { AcceptedKey } from "../keys/integration-keys.ts";
import type { CommandRunner } from "./run-command.ts";
import type { ServedAnswer } from "./serve-command.ts";

const GET_JWKS = Buffer.from(JSON.stringify({ command: "GetJwks" }));

/** Services that verify tokens have no integration key, and the keys are public. */
const ANYONE: AcceptedKey = { keyId: "", allows: (command) => command === "GetJwks", uses: () => false };

/** Serves `GetJwks` without an integration key. */
export function createPublicKeys(commands: CommandRunner): () => Promise<ServedAnswer> {
  return () => commands.run(GET_JWKS, ANYONE);
}
