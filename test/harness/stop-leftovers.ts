import { afterAll } from "vitest";
import { stopLeftovers } from "./leftovers.ts";

afterAll(stopLeftovers, 60_000);
