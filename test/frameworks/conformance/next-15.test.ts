import { defineConformance } from "./define-conformance.ts";
import { next15Host } from "./hosts/next.ts";

defineConformance(next15Host);
