import { koa3Host } from "../conformance/hosts/koa.ts";
import { defineClientInputs } from "./define-client-inputs.ts";

defineClientInputs(koa3Host);
