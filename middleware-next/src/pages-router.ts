import type { IncomingMessage, ServerResponse } from "node:http";
import { type GateResponse, SessionActionError } from "@byo-session/core";
import { deliver, headersOf, setHeaders, sinkOf } from "@byo-session/core/node/response";
import { getRequestMeta } from "next/dist/server/request-meta.js";
// Not by the name `next`, which changes the types of Node for the whole program.
import type {
  GetServerSideProps,
  GetServerSidePropsContext,
  GetServerSidePropsResult,
  NextApiHandler,
  NextApiRequest,
  NextApiResponse,
} from "next/dist/types.js";
import type { Grant } from "./grants.ts";
import { addressOfPage, localized, withoutBasePath } from "./paths.ts";
import type { Entered, ServerStage } from "./server-stage.ts";
import type { Part } from "./server-visit.ts";

/** A handler in `pages/api`. */
export type ApiHandler<Given> = (request: NextApiRequest, response: NextApiResponse, given: Given) => unknown;

export type AnyProps = Record<string, unknown>;

/** A `getServerSideProps`. */
export type PropsHandler<Given, Props extends AnyProps> = (
  context: GetServerSidePropsContext,
  given: Given,
) => GetServerSidePropsResult<Props> | Promise<GetServerSidePropsResult<Props>>;

/** Makes the API route that Next calls. */
export function answerApi<Given>(stage: ServerStage, grant: Grant<Given>, handler: ApiHandler<Given>): NextApiHandler {
  return async (request, response) => {
    try {
      const entered = await enter(stage, request, response, "route");
      await handler(request, response, await grant(entered));
    } catch (error) {
      if (!(error instanceof SessionActionError)) throw error;
      deliver(response, error.response);
    }
  };
}

/** Makes what Next calls for a page, and for its data, which its router asks for at a click. */
export function answerProps<Given, Props extends AnyProps>(
  stage: ServerStage,
  grant: Grant<Given>,
  handler: PropsHandler<Given, Props>,
): GetServerSideProps<Props> {
  return async (context) => {
    const { req, res, locale } = context;
    // A form may be sent to a page: what is done with it is no read.
    const part = req.method === "GET" || req.method === "HEAD" ? "page" : "route";
    try {
      const entered = await enter(stage, req, res, part, locale);
      return await handler(context, await grant(entered));
    } catch (error) {
      if (!(error instanceof SessionActionError)) throw error;
      return endPage(context, error.response);
    }
  };
}

function endPage<Props>(context: GetServerSidePropsContext, answer: GateResponse): GetServerSidePropsResult<Props> {
  const { res } = context;
  const location = answer.headers.find(([name]) => name === "Location")?.[1];
  if (location === undefined) {
    deliver(res, answer);
    // It wants props all the same; those of a page that has been answered it shows to nobody.
    return { props: {} as Props };
  }
  setHeaders(res, { ...answer, headers: answer.headers.filter(([name]) => name !== "Location") });
  // Next adds `basePath`, and tells its router by the data where to go.
  return { redirect: { destination: localized(withoutBasePath(location), context), permanent: false } };
}

/** Of a request that Next shows as Node's own, and keeps the address of as it came. */
function enter(
  stage: ServerStage,
  req: IncomingMessage,
  res: ServerResponse,
  part: Part,
  locale?: string,
): Promise<Entered> {
  const { method = "GET" } = req;
  const url = getRequestMeta(req, "initURL") ?? `http://localhost${req.url}`;
  const where = { url, ...addressOfPage(url, locale) };
  return stage.enter({ part, method, headers: headersOf(req), sink: sinkOf(res), ...where }, req);
}
