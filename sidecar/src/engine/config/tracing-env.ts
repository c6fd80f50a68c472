import { z } from "zod";

/** How this process records traces. */
export interface TracingSettings {
  /** Where the spans are sent, by OTLP over HTTP. */
  tracesUrl: string;
  serviceName: string;
  /** How long spans are gathered before they are sent together. */
  sendAfterMs: number;
  sampler: {
    name: "always_on" | "always_off" | "traceidratio";
    /** 0 to 1. */
    ratio: number;
    /** Whether a caller that records its trace, or does not, decides for this process too. */
    isParentBased: boolean;
  };
}

const url = z.url({ protocol: /^https?$/, error: "expected an address such as http://127.0.0.1:4318" }).optional();
/** The specification: a value that is not known counts as not set, but a typo must not go unnoticed. */
const protocol = z
  .literal("http/protobuf", { error: 'expected "http/protobuf", the only protocol that the sidecar sends by' })
  .optional();
const MILLISECONDS = "expected 1 to 60000 milliseconds";
const RATIO = "expected a number from 0 to 1";
const SAMPLERS = ["always_on", "always_off", "traceidratio"] as const;
const samplers = SAMPLERS.flatMap((name) => [name, `parentbased_${name}`] as const);

/** The standard variables of OpenTelemetry. Without an endpoint nothing is recorded. */
export const TRACING_VARIABLES = {
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.enum(["otlp", "none"], { error: 'expected "otlp" or "none"' }).default("otlp"),
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_SERVICE_NAME: z.string().default("byo-sidecar"),
  OTEL_TRACES_SAMPLER: z
    .enum(samplers, { error: `expected one of ${samplers.join(", ")}` })
    .default("parentbased_always_on"),
  OTEL_BSP_SCHEDULE_DELAY: z.coerce
    .number({ error: MILLISECONDS })
    .int({ error: MILLISECONDS })
    .min(1, { error: MILLISECONDS })
    .max(60_000, { error: MILLISECONDS })
    .default(5000),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number({ error: RATIO })
    .min(0, { error: RATIO })
    .max(1, { error: RATIO })
    .default(1),
};

/** Undefined: nothing is recorded. */
export function tracingSettings(env: z.infer<z.ZodObject<typeof TRACING_VARIABLES>>): TracingSettings | undefined {
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const tracesUrl = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base && `${base.replace(/\/$/, "")}/v1/traces`);
  const isOff = env.OTEL_SDK_DISABLED?.toLowerCase() === "true" || env.OTEL_TRACES_EXPORTER === "none";
  if (tracesUrl === undefined || isOff) return undefined;
  const isParentBased = env.OTEL_TRACES_SAMPLER.startsWith("parentbased_");
  const name = SAMPLERS.find((sampler) => env.OTEL_TRACES_SAMPLER.endsWith(sampler)) ?? "always_on";
  return {
    tracesUrl,
    serviceName: env.OTEL_SERVICE_NAME,
    sendAfterMs: env.OTEL_BSP_SCHEDULE_DELAY,
    sampler: { name, ratio: env.OTEL_TRACES_SAMPLER_ARG, isParentBased },
  };
}
