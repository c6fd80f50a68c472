// Bundlers use this instead of the package for code that runs in a browser. It exports the same values, because a
// bundler's error about a missing one would not explain the cause.

function onlyOnTheServer(): never {
  throw new Error(
    "@byo-session/next is for the server, and a client component or the browser's part of a page imports it: ask for the " +
      "session in a page, an action, a handler or getServerSideProps, and pass on what the component needs as props",
  );
}

export const createSessions = onlyOnTheServer;
export const safeReturnTo = onlyOnTheServer;

/** Only the server creates these. */
export class SessionActionError extends Error {}
export class ConfigurationError extends Error {}
