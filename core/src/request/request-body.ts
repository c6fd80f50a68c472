/** The body of a request, as its host can still give it. */
export type RequestBody =
  | { readonly kind: "bytes"; readonly chunks: AsyncIterable<Uint8Array> }
  /** A body parser in front of the middleware has read it. */
  | { readonly kind: "parsed"; readonly value: unknown }
  /** It has been read, and nothing is left of it. */
  | { readonly kind: "gone" };

export interface BodyLimits {
  readonly maxBytes: number;
  /** For the whole body. */
  readonly timeoutMs: number;
}

/** The chunks of a web-standard body. Stopping early leaves the rest unread. */
export async function* chunksOf(stream: ReadableStream<Uint8Array> | null | undefined): AsyncGenerator<Uint8Array> {
  const reader = stream?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) yield part.value;
}

/** Undefined if the body is longer or takes longer, breaks off, or is not UTF-8. */
export async function readText(
  chunks: AsyncIterable<Uint8Array>,
  { maxBytes, timeoutMs }: BodyLimits,
): Promise<string | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, undefined);
  });
  try {
    return await Promise.race([readWithin(chunks, maxBytes), late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

async function readWithin(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string | undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
