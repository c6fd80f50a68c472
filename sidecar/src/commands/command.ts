import type { CommandData, CommandName, CommandResponse } from "@byo-session/core/contract";
import type { RememberedDevices } from "../devices/remembered.ts";
import type { DeviceService } from "../devices/service.ts";
import type { Answer } from "../sessions/dependencies.ts";
import type { SessionService } from "../sessions/service.ts";
import type { UpgradeTickets } from "../tickets/service.ts";

/** What a command works with. */
export interface CommandContext {
  sessions: SessionService;
  devices: DeviceService;
  rememberedDevices: RememberedDevices;
  tickets: UpgradeTickets;
  /** The database's clock, in milliseconds since 1970. */
  clock: () => Promise<number>;
  /** The integration key that asks, for the audit trail: `key:<id>`. */
  actor: string;
}

/** One command of the wire contract: its data has been checked against the contract's schema. */
export interface Command<C extends CommandName> {
  readonly name: C;
  /** Checks what is sent most often without the schema; undefined where the schema has to tell. */
  readUsual?: ((data: unknown) => CommandData[C] | undefined) | undefined;
  run(data: CommandData[C], context: CommandContext): Promise<Answer<CommandResponse[C]>>;
}

export function defineCommand<C extends CommandName>(
  name: C,
  run: Command<C>["run"],
  readUsual?: Command<C>["readUsual"],
): Command<C> {
  return { name, run, readUsual };
}
