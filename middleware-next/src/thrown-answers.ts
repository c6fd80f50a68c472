import { SessionActionError } from "@byo-session/core";
import type { WebSink } from "@byo-session/core/web";
import {
  getAccessFallbackHTTPStatus,
  isHTTPAccessFallbackError,
} from "next/dist/client/components/http-access-fallback/http-access-fallback.js";
import { getRedirectStatusCodeFromError, getURLFromRedirectError } from "next/dist/client/components/redirect.js";
import { isRedirectError } from "next/dist/client/components/redirect-error.js";
import { FailedResponse } from "./failed-response.ts";

/**
 * A route handler's response. `redirect()`, `notFound()` and similar functions throw what Next would turn into a
 * response without the session's cookie, so a login before them would be lost; as would one before an error.
 */
export async function responseOrThrown(sink: WebSink, handler: () => Response | Promise<Response>): Promise<Response> {
  try {
    return await handler();
  } catch (error) {
    // Its own response says more than the status that Next would send.
    if (error instanceof SessionActionError) throw error;
    if (isRedirectError(error)) {
      const headers = { location: getURLFromRedirectError(error) };
      return new Response(null, { status: getRedirectStatusCodeFromError(error), headers });
    }
    if (isHTTPAccessFallbackError(error)) return new Response(null, { status: getAccessFallbackHTTPStatus(error) });
    if (!sink.hasChange) throw error;
    const failed = new FailedResponse(error);
    // Now, and not by a copy of it.
    sink.finish(failed.headers);
    sink.discard();
    return failed;
  }
}
