import { h3Host } from "../conformance/hosts/h3.ts";
import { defineClientInputs } from "./define-client-inputs.ts";

defineClientInputs(h3Host);
