import { defineConformance } from "./define-conformance.ts";
import { koa3Host } from "./hosts/koa.ts";

defineConformance(koa3Host);
