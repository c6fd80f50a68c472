import { defineConformance } from "./define-conformance.ts";
import { honoHost } from "./hosts/hono.ts";

defineConformance(honoHost);
