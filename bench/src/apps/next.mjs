import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import next from "next";
import { listen } from "./listen.ts";

/** Next, built before: `/bare` passes a proxy that does nothing, everything else ours. */
const app = next({ dev: false, dir: fileURLToPath(new URL("../next-app", import.meta.url)) });
await app.prepare();
listen(createServer(app.getRequestHandler()));
