import { defineConformance } from "./define-conformance.ts";
import { next16Host } from "./hosts/next.ts";

defineConformance(next16Host);
