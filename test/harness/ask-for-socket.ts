import { connect, type Socket } from "node:net";
import { CHROME_ON_LINUX } from "./browser-client.ts";

/** Connects to an app and requests a WebSocket, as a page does. The caller reads the response. `target` is appended to the app's own path. */
export function askForSocket(url: string, target: string, headers: Record<string, string> = {}): Socket {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname).setEncoding("utf8");
  const all = {
    host: `${hostname}:${port}`,
    connection: "upgrade",
    upgrade: "websocket",
    "user-agent": CHROME_ON_LINUX,
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  socket.write(`GET ${pathname.replace(/\/$/, "")}${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  return socket;
}
