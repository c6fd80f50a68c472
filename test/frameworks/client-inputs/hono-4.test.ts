import { honoHost } from "../conformance/hosts/hono.ts";
import { defineClientInputs } from "./define-client-inputs.ts";

defineClientInputs(honoHost);
