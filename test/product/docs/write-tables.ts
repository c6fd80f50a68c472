import { readFile, writeFile } from "node:fs/promises";
import { TABLES } from "./written-tables.ts";

for (const [file, written] of Object.entries(TABLES)) {
  await writeFile(file, await written(await readFile(file, "utf8")));
}
