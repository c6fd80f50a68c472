import { responseOf } from "../answers/web-response.ts";
import { SessionActionError } from "../errors.ts";
import type { WebSink } from "./web-sink.ts";

/** The handler's response, with the cookies and headers for the browser. */
export async function respond(sink: WebSink, handler: () => Response | Promise<Response>): Promise<Response> {
  try {
    const response = await answeringErrors(handler);
    // The response to an upgrade is the runtime's own object: it cannot be copied, and it cannot set a cookie.
    if (response.status < 200) return response;
    const told = sink.hasChange ? copyOf(response) : response;
    sink.finish(told.headers);
    return told;
  } finally {
    sink.finish();
  }
}

async function answeringErrors(handler: () => Response | Promise<Response>): Promise<Response> {
  try {
    return await handler();
  } catch (error) {
    if (error instanceof SessionActionError) return responseOf(error.response);
    throw error;
  }
}

/** A response that may be changed: the application may reuse its own for everybody. */
export function copyOf(response: Response): Response {
  return new Response(response.body, response);
}
