import { defineConformance } from "./define-conformance.ts";
import { koa2Host } from "./hosts/koa.ts";

defineConformance(koa2Host);
