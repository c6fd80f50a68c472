import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { chunksOf, readText } from "../src/request/request-body.ts";

const LIMITS = { maxBytes: 8, timeoutMs: 50 };
const bytes = (text: string) => new TextEncoder().encode(text);

async function* sent(...chunks: (string | Uint8Array | number)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    if (typeof chunk === "number") await sleep(chunk);
    else yield typeof chunk === "string" ? bytes(chunk) : chunk;
  }
}

it.each<[string, AsyncIterable<Uint8Array>, string | undefined]>([
  ["nothing", sent(), ""],
  ["as much as allowed", sent("1234", "5678"), "12345678"],
  ["a byte more", sent("1234", "56789"), undefined],
  ["a character in two chunks", sent(bytes("é").slice(0, 1), bytes("é").slice(1)), "é"],
  ["no UTF-8", sent(new Uint8Array([0xff])), undefined],
  ["half a character", sent(bytes("é").slice(0, 1)), undefined],
  ["too slowly", sent("1", 60_000, "2"), undefined],
])("reads %s", async (_name, chunks, text) => {
  expect(await readText(chunks, LIMITS)).toBe(text);
});

it("reads a web-standard body, also one that breaks off", async () => {
  expect(await readText(chunksOf(new Response("body").body), LIMITS)).toBe("body");
  expect(await readText(chunksOf(null), LIMITS)).toBe("");
  const broken = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error("gone")) });
  expect(await readText(chunksOf(broken), LIMITS)).toBe(undefined);
});
