import { defineConformance } from "./define-conformance.ts";
import { next15SlashHost } from "./hosts/next.ts";

defineConformance(next15SlashHost);
