import { getConnInfo, upgradeWebSocket, websocket } from "hono/bun";
import { createApp } from "./runtime-app.mjs";

const { fetch } = createApp({ getConnInfo, upgradeWebSocket });
const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch, websocket });
console.log(`port ${server.port}`);
