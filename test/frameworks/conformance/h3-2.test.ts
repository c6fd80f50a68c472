import { defineConformance } from "./define-conformance.ts";
import { h3Host } from "./hosts/h3.ts";

defineConformance(h3Host);
