import { expect, it } from "vitest";
import { visibleText } from "../src/format/visible.ts";

it.each([
  ["ada", "ada"],
  ["مستخدم-١٢٣", "مستخدم-١٢٣"],
  ["👩‍👩‍👧‍👦 zoë", "👩‍👩‍👧‍👦 zoë"],
  ["zoë\u202Eevil", "zoë[U+202E]evil"],
  ["a\u200Bda", "a[U+200B]da"],
  ["ada\n", "ada[U+000A]"],
])("shows what one cannot see in %j", (text, shown) => {
  expect(visibleText(text)).toBe(shown);
});
