import { fastify5Host } from "../conformance/hosts/fastify.ts";
import { defineClientInputs } from "./define-client-inputs.ts";

defineClientInputs(fastify5Host);
