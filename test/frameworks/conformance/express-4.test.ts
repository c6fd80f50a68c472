import { defineConformance } from "./define-conformance.ts";
import { express4Host } from "./hosts/express.ts";

defineConformance(express4Host);
