import type { NextFunction, Request, RequestHandler, Response } from "express";

/** Whether the next handler may run. If not, the request has been answered. */
export type Decide = (req: Request, res: Response) => boolean | Promise<boolean>;

/**
 * The only way from our work, which may be asynchronous, into Express, which does not wait for promises in version 4: the
 * next handler runs if `decide` says so, and Express answers every error.
 */
export function intoExpress(decide: Decide): RequestHandler {
  return (req, res, next) => {
    let mayPass: boolean | Promise<boolean>;
    try {
      mayPass = decide(req, res);
    } catch (error) {
      passOn(error, res, next);
      return;
    }
    if (mayPass instanceof Promise) void goOn(mayPass, res, next);
    // Not within the `try`: what the handlers throw is Express's own affair, as behind any middleware.
    else if (mayPass) next();
  };
}

async function goOn(mayPass: Promise<boolean>, res: Response, next: NextFunction): Promise<void> {
  try {
    if (await mayPass) next();
  } catch (error) {
    passOn(error, res, next);
  }
}

/** Express's own `next` never throws. An app's wrapper around it may, and nobody would catch that here. */
function passOn(error: unknown, res: Response, next: NextFunction): void {
  try {
    next(error);
  } catch (thrown) {
    console.error(thrown);
    if (res.headersSent) res.destroy();
    else res.writeHead(500).end();
  }
}
