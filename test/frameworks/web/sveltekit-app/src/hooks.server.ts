import type { Handle, HandleFetch } from "@sveltejs/kit/hooks";
import { localsOf, sessions } from "./sessions.ts";

export const handle: Handle = ({ event, resolve }) => {
  const inside = () => {
    Object.assign(event.locals, localsOf(event));
    return resolve(event);
  };
  return sessions.run(event.request, event, inside, event.url);
};

/** What a `load` asks the app itself comes from the same browser. SvelteKit passes on its cookies only. */
export const handleFetch: HandleFetch = ({ event, request, fetch }) => {
  const userAgent = event.request.headers.get("user-agent");
  if (userAgent !== null && new URL(request.url).origin === event.url.origin) {
    request.headers.set("user-agent", userAgent);
  }
  return fetch(request);
};
