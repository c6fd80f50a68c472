import { koa2Host } from "../conformance/hosts/koa.ts";
import { defineClientInputs } from "./define-client-inputs.ts";

defineClientInputs(koa2Host);
