import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { PROTOCOL, withCommands } from "./commands-table.ts";

it(`${PROTOCOL} has the table of the contract; write-commands.ts writes it`, async () => {
  const text = await readFile(PROTOCOL, "utf8");
  expect(text).toContain("| `CreateSession` |");
  expect(withCommands(text)).toBe(text);
});
