import { readFile, writeFile } from "node:fs/promises";
import { PROTOCOL, withCommands } from "./commands-table.ts";

await writeFile(PROTOCOL, withCommands(await readFile(PROTOCOL, "utf8")));
