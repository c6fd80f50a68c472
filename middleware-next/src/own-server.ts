// Next's server puts this where its own modules look for it when they are loaded. A Node server of an application's own may
// load this package, and so some of those modules, before. What is bundled for Next leaves this out.

import { AsyncLocalStorage } from "node:async_hooks";

const home: { AsyncLocalStorage?: typeof AsyncLocalStorage; readonly performance?: unknown } = globalThis;
home.AsyncLocalStorage ??= AsyncLocalStorage;
