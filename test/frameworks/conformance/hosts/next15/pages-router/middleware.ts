export { proxy as middleware } from "../../../../next/pages/lib/sessions.ts";

export const config = {
  runtime: "nodejs",
  // Everything except the folder `outside`, where the server has no proxy.
  matcher: ["/", "/((?!_next/static/|_next/image$|favicon.ico$|.*outside/).*)"],
};
