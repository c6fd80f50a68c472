export { proxy as middleware } from "../../../../next/pages/lib/sessions.ts";

export const config = {
  runtime: "nodejs",
  // All but what lies in a folder `outside`, where the server is on its own.
  matcher: ["/", "/((?!_next/static/|_next/image$|favicon.ico$|.*outside/).*)"],
};
