import { describe } from "vitest";
import { defineContract } from "../client/contract-cases.ts";
import { clientOf, connectedClient } from "./connected-client.ts";

describe("core's client over the fast path", () => {
  defineContract((sidecar) => connectedClient(sidecar));
});

describe("core's client over /run-command, as against a sidecar without a fast path", () => {
  defineContract((sidecar) => clientOf(sidecar), { FAST_PATH: "off" });
});
