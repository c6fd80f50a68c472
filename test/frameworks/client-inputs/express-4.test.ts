import { express4Host } from "../conformance/hosts/express.ts";
import { defineClientInputs } from "./define-client-inputs.ts";

defineClientInputs(express4Host);
