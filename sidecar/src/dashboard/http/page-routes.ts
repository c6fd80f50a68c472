import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Admission } from "../../engine/listening/admission.ts";
import { API_PREFIX } from "../contract/addresses.ts";
import { answerError } from "./answers.ts";
import { WRONG_HOST } from "./request-checks.ts";

/** Where the build puts the page. */
const BUILT = fileURLToPath(new URL("../../../dashboard/dist/", import.meta.url));

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>The dashboard is not built</title>
<h1>The dashboard is not built</h1><p>Run <code>node scripts/prepack-sidecar.mjs</code> in the folder of the repository, then restart the sidecar.</p>
`;

export interface Pages {
  /** Answers a request for one of the page's addresses, such as /sessions; false for any other address. */
  answer(request: FastifyRequest, reply: FastifyReply): boolean;
}

/** Serves the files of the page. Tests pass a `folder`. */
export function addPageRoutes(app: FastifyInstance, admission: Admission, folder = BUILT): Pages {
  const isBuilt = existsSync(`${folder}index.html`);
  const page = isBuilt ? readFileSync(`${folder}index.html`, "utf8") : NOT_BUILT;
  const brotli = isBuilt && existsSync(`${folder}index.html.br`) ? readFileSync(`${folder}index.html.br`) : undefined;

  app.register(async (scope) => {
    scope.addHook("onRequest", async (request, reply) => {
      if (!admission(request.raw)) await answerError(reply, WRONG_HOST);
    });
    scope.get("/", async (request, reply) => sendPage(request, reply));
    if (!isBuilt) return;
    await scope.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      index: false,
      // The build has compressed them.
      preCompressed: true,
      // Asset names contain a hash of the content; other files keep their name when they change.
      setHeaders: (reply, path) => {
        const isHashed = path.startsWith(`${folder}assets/`);
        reply.header("cache-control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  });

  function sendPage(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    reply.header("cache-control", "no-cache").header("vary", "accept-encoding").type("text/html; charset=utf-8");
    const takesBrotli = /\bbr\b(?!\s*;\s*q=0(?:\.0*)?\b)/i.test(String(request.headers["accept-encoding"] ?? ""));
    return takesBrotli && brotli ? reply.header("content-encoding", "br").send(brotli) : reply.send(page);
  }

  return {
    answer(request, reply) {
      const isForPeople = request.method === "GET" && /\btext\/html\b/.test(request.headers.accept ?? "");
      const [path = ""] = request.url.split("?");
      if (!isForPeople || path.startsWith(`${API_PREFIX}/`) || /\.\w+$/.test(path)) return false;
      void (admission(request.raw) ? sendPage(request, reply) : answerError(reply, WRONG_HOST));
      return true;
    },
  };
}
