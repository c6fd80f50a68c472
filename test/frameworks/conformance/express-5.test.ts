import { defineConformance } from "./define-conformance.ts";
import { express5Host } from "./hosts/express.ts";

defineConformance(express5Host);
