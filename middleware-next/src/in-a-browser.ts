// What bundlers take in place of the package for code that runs in a browser. With the names of it that are values, since
// the error of a bundler that misses one says nothing of the cause.

function onlyOnTheServer(): never {
  throw new Error(
    "@byo-session/next is for the server, and a client component or the browser's part of a page imports it: ask for the " +
      "session in a page, an action, a handler or getServerSideProps, and pass on what the component needs as props",
  );
}

export const createSessions = onlyOnTheServer;
export const safeReturnTo = onlyOnTheServer;

/** Made by the server only. */
export class SessionActionError extends Error {}
export class ConfigurationError extends Error {}
