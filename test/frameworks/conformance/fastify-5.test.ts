import { defineConformance } from "./define-conformance.ts";
import { fastify5Host } from "./hosts/fastify.ts";

defineConformance(fastify5Host);
