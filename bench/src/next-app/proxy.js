import { NextResponse } from "next/server";
import { proxy as sessions } from "./sessions.js";

/** Both ways go through a proxy: what Next itself takes for one is not what ours adds. */
export default function proxy(request, event) {
  return request.nextUrl.pathname.startsWith("/bare/") ? NextResponse.next() : sessions(request, event);
}

export const config = { matcher: ["/me", "/page", "/login", "/bare/:path*"] };
