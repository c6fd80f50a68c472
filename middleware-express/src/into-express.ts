import type { NextFunction, Response } from "express";

/**
 * The one way from our work, which is asynchronous, into Express, which waits for nothing in version 4: the next handler
 * has its turn where `decide` says so, and every error is Express's to answer.
 */
export async function intoExpress(
  res: Response,
  next: NextFunction,
  decide: () => boolean | Promise<boolean>,
): Promise<void> {
  try {
    if (await decide()) next();
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
