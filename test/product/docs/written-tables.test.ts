import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { TABLES } from "./written-tables.ts";

it.each(Object.entries(TABLES))("%s has the tables of the code; write-tables.ts writes them", async (file, written) => {
  const text = await readFile(file, "utf8");
  expect(await written(text)).toBe(text);
});
