// Next's server puts this where its own modules look for it when they load. An application's own Node server may load
// this package, and so some of those modules, earlier. Code that is bundled for Next leaves this out.

import { AsyncLocalStorage } from "node:async_hooks";

const home: { AsyncLocalStorage?: typeof AsyncLocalStorage; readonly performance?: unknown } = globalThis;
home.AsyncLocalStorage ??= AsyncLocalStorage;
