import { describe, expect, it } from "vitest";
import { readEnv } from "../../src/engine/config/env.ts";

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" };

describe("the variables of OpenTelemetry", () => {
  it("without an endpoint nothing is traced", () => {
    expect(readEnv({ OTEL_SERVICE_NAME: "sessions" }).tracing).toBeUndefined();
  });

  it.each(["http://collector:4318", "http://collector:4318/"])("%s is the base of the path for traces", (endpoint) => {
    expect(readEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }).tracing).toEqual({
      tracesUrl: "http://collector:4318/v1/traces",
      serviceName: "byo-sidecar",
      sendAfterMs: 5000,
      sampler: { name: "always_on", ratio: 1, isParentBased: true },
    });
  });

  it("the endpoint of traces is taken as it is, before the common one", () => {
    const endpoint = { ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://other/x" };
    expect(readEnv(endpoint).tracing?.tracesUrl).toBe("https://other/x");
  });

  it.each([{ OTEL_SDK_DISABLED: "TRUE" }, { OTEL_TRACES_EXPORTER: "none" }])("%j switches it off", (off) => {
    expect(readEnv({ ...ENDPOINT, ...off }).tracing).toBeUndefined();
  });

  it.each([
    ["always_off", { name: "always_off", isParentBased: false }],
    ["parentbased_always_off", { name: "always_off", isParentBased: true }],
    ["traceidratio", { name: "traceidratio", isParentBased: false, ratio: 0.25 }],
    ["parentbased_traceidratio", { name: "traceidratio", isParentBased: true, ratio: 0.25 }],
  ])("reads the sampler %s", (OTEL_TRACES_SAMPLER, expected) => {
    const env = { ...ENDPOINT, OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG: "0.25" };
    expect(readEnv(env).tracing?.sampler).toMatchObject(expected);
  });

  it.each([
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"],
    ["OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"],
    ["OTEL_TRACES_EXPORTER", "zipkin"],
    ["OTEL_TRACES_SAMPLER", "sometimes"],
    ["OTEL_TRACES_SAMPLER_ARG", "2"],
    ["OTEL_BSP_SCHEDULE_DELAY", "soon"],
  ])("refuses %s=%s and says what it expects", (name, value) => {
    expect(() => readEnv({ ...ENDPOINT, [name]: value })).toThrow(`${name}: expected`);
  });
});
