import { getConnInfo, upgradeWebSocket } from "hono/deno";
import { createApp } from "./runtime-app.mjs";

const { fetch } = createApp({ getConnInfo, upgradeWebSocket });
Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: ({ port }) => console.log(`port ${port}`) }, fetch);
