import { express5Host } from "../conformance/hosts/express.ts";
import { defineClientInputs } from "./define-client-inputs.ts";

defineClientInputs(express5Host);
