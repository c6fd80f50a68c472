import type { Attack } from "./attack.ts";
import { INSIDERS } from "./insiders.ts";
import { STRANGERS } from "./strangers.ts";
import { THIEVES } from "./thieves.ts";

/** The attacks, by what the attacker has. The table is written from a run in which every test named here passed. */
export const ATTACKS: readonly Attack[] = [...STRANGERS, ...THIEVES, ...INSIDERS];
