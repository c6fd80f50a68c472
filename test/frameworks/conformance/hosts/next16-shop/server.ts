import { createServer } from "node:http";
import next from "next";
import { answerUpgrades } from "../answer-upgrades.ts";
import { authenticateUpgrade } from "../next-app/sessions.ts";

/** The Node server of an application that serves WebSockets too. */
const port = Number(process.env.PORT);
// Next ends the sockets of whatever server it finds: it is given one that serves nobody.
const app = next({ dev: false, hostname: "localhost", port, httpServer: createServer() });
await app.prepare();
const handle = app.getRequestHandler();
const server = createServer((request, response) => void handle(request, response));
answerUpgrades(server, authenticateUpgrade);
server.listen(port, "localhost", () => console.log("Ready in its own time"));
