import type { NextFunction, Response } from "express";

/**
 * The one way from our work, which may take its time, into Express, which waits for nothing in version 4: the next handler
 * has its turn where `decide` says so, and every error is Express's to answer.
 */
export function intoExpress(res: Response, next: NextFunction, decide: () => boolean | Promise<boolean>): void {
  let mayPass: boolean | Promise<boolean>;
  try {
    mayPass = decide();
  } catch (error) {
    passOn(error, res, next);
    return;
  }
  if (mayPass instanceof Promise) void goOn(mayPass, res, next);
  // Not within the `try`: what the handlers throw is Express's own affair, as behind any middleware.
  else if (mayPass) next();
}

async function goOn(mayPass: Promise<boolean>, res: Response, next: NextFunction): Promise<void> {
  try {
    if (await mayPass) next();
  } catch (error) {
    passOn(error, res, next);
  }
}

/** Express's own `next` never throws. One that an app made around it may, and nobody would catch that here. */
function passOn(error: unknown, res: Response, next: NextFunction): void {
  try {
    next(error);
  } catch (thrown) {
    console.error(thrown);
    if (res.headersSent) res.destroy();
    else res.writeHead(500).end();
  }
}
