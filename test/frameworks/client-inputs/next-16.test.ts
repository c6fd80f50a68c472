import { next16Host } from "../conformance/hosts/next.ts";
import { defineClientInputs } from "./define-client-inputs.ts";

defineClientInputs(next16Host);
