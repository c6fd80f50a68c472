import { setTimeout as sleep } from "node:timers/promises";
import type { Sampler } from "@opentelemetry/sdk-trace";
import type { TracingSettings } from "../config/tracing-env.ts";
import { boundedSampler } from "./bounded-sampler.ts";
import type { Tracing } from "./tracing.ts";

const TRACES_PER_SECOND = 100;
const CLOSING_MS = 1000;

/**
 * Starts recording if the standard variables ask for it. The library is loaded only then, and reads by itself how to
 * send: `OTEL_EXPORTER_OTLP_HEADERS`, `_TIMEOUT`, `_COMPRESSION`, `_CERTIFICATE` and the client's certificate.
 */
export async function startTracing(
  settings: TracingSettings | undefined,
  version: string,
): Promise<Tracing | undefined> {
  if (!settings) return undefined;
  const [sdk, { OTLPTraceExporter }, resources] = await Promise.all([
    import("@opentelemetry/sdk-trace"),
    import("@opentelemetry/exporter-trace-otlp-proto"),
    import("@opentelemetry/resources"),
  ]);
  const { name, ratio, isParentBased } = settings.sampler;
  const roots: Record<typeof name, () => Sampler> = {
    always_on: () => new sdk.AlwaysOnSampler(),
    always_off: () => new sdk.AlwaysOffSampler(),
    traceidratio: () => new sdk.TraceIdRatioBasedSampler(ratio),
  };
  const root = boundedSampler(roots[name](), TRACES_PER_SECOND);
  const provider = new sdk.TracerProvider({
    // A statement belongs to its command's trace whatever the sampler says about callers.
    sampler: new sdk.ParentBasedSampler({
      root,
      remoteParentSampled: isParentBased ? boundedSampler(new sdk.AlwaysOnSampler(), TRACES_PER_SECOND) : root,
      remoteParentNotSampled: isParentBased ? new sdk.AlwaysOffSampler() : root,
    }),
    resource: resources
      .defaultResource()
      .merge(resources.detectResources({ detectors: [resources.envDetector, resources.serviceInstanceIdDetector] }))
      .merge(resources.resourceFromAttributes({ "service.version": version, "service.name": settings.serviceName })),
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url: settings.tracesUrl }),
        scheduledDelayMillis: settings.sendAfterMs,
      }),
    ],
  });
  return {
    tracer: provider.getTracer("@byo-session/sidecar", version),
    // A collector that is away is tried again for much longer than a stop may take.
    close: () => Promise.race([provider.shutdown(), sleep(CLOSING_MS, undefined, { ref: false })]),
  };
}
