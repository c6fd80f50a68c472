import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { PbfReader } from "pbf";
import { stopAfterFile } from "./leftovers.ts";

/** A span as it arrived; ids are hexadecimal. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
}

export interface OtlpCollector {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Everything received, as it came: for what must not be in it. */
  text(): string;
}

/** Receives spans by OTLP over HTTP, as a collector does, and reads the fields that tests look at. */
export async function startOtlpCollector(): Promise<OtlpCollector> {
  const spans: ReceivedSpan[] = [];
  let text = "";
  const server = createServer(async (request, response) => {
    const sent = await buffer(request);
    const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
    text += body.toString("latin1");
    readRequest(body, spans);
    response.setHeader("content-type", "application/x-protobuf").end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stopAfterFile(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, text: () => text };
}

/** ExportTraceServiceRequest of opentelemetry/proto/collector/trace/v1: resource_spans, scope_spans, spans. */
function readRequest(body: Uint8Array, spans: ReceivedSpan[]): void {
  new PbfReader(body).readFields((tag, _, resourceSpans) => {
    if (tag !== 1) return;
    resourceSpans.readMessage((tag, _, scopeSpans) => {
      if (tag !== 2) return;
      scopeSpans.readMessage((tag, _, message) => {
        if (tag === 2) spans.push(readSpan(message));
      }, undefined);
    }, undefined);
  }, undefined);
}

function readSpan(message: PbfReader): ReceivedSpan {
  const hex = (pbf: PbfReader) => Buffer.from(pbf.readBytes()).toString("hex");
  const empty: ReceivedSpan = { traceId: "", spanId: "", parentSpanId: "", name: "" };
  return message.readMessage((tag, span, pbf) => {
    if (tag === 1) span.traceId = hex(pbf);
    if (tag === 2) span.spanId = hex(pbf);
    if (tag === 4) span.parentSpanId = hex(pbf);
    if (tag === 5) span.name = pbf.readString();
  }, empty);
}
