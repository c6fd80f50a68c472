import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** A way to end a response on Node's own object, and the cookies that the app itself sets by it. */
export type RawEnding = readonly [end: (res: ServerResponse) => unknown, own?: readonly string[]];

const OWN = ["own=1"];
const OWN_TWO = ["own=1", "second=2"];

export const RAW_ENDINGS: Readonly<Record<string, RawEnding>> = {
  "raw-end": [(res) => res.end()],
  "raw-write-then-end": [
    (res) => {
      res.write("one ");
      res.end("two");
    },
  ],
  "raw-pipe": [(res) => Readable.from(["a", "b"]).pipe(res)],
  "raw-pipeline": [(res) => pipeline(Readable.from(["a", "b"]), res)],
  "raw-flush-headers": [
    (res) => {
      res.flushHeaders();
      setTimeout(() => res.end("later"), 5);
    },
  ],
  "raw-write-head": [(res) => res.writeHead(200).end()],
  "raw-write-head-object": [(res) => res.writeHead(200, { "X-Own": "1" }).end()],
  "raw-write-head-message": [(res) => res.writeHead(200, "Fine", { "X-Own": "1" }).end()],
  "raw-write-head-array": [(res) => res.writeHead(200, ["X-Own", "1"]).end()],
  "raw-early-hints": [
    (res) => {
      res.writeEarlyHints({ link: "</style.css>; rel=preload; as=style" });
      res.end();
    },
  ],
  "raw-set-cookie": [
    (res) => {
      res.setHeader("Set-Cookie", "own=1");
      res.end();
    },
    OWN,
  ],
  "raw-set-cookies": [
    (res) => {
      res.setHeader("Set-Cookie", ["own=1", "second=2"]);
      res.end();
    },
    OWN_TWO,
  ],
  "raw-write-head-set-cookie": [(res) => res.writeHead(200, { "Set-Cookie": ["own=1"] }).end(), OWN],
  "raw-write-head-array-set-cookie": [
    (res) => res.writeHead(200, ["Set-Cookie", "own=1", "Set-Cookie", "second=2"]).end(),
    OWN_TWO,
  ],
  "raw-headers-removed": [
    (res) => {
      for (const name of res.getHeaderNames()) res.removeHeader(name);
      res.end();
    },
  ],
};

/** The cookies of each, as a host tells them to the suite. */
export function cookiesOf(endings: Readonly<Record<string, readonly [unknown, (readonly string[])?]>>) {
  return Object.fromEntries(Object.entries(endings).map(([name, [, own = []]]) => [name, own]));
}
