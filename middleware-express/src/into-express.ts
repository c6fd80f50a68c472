import type { NextFunction, Response } from "express";

/**
 * The only way from our asynchronous work into Express, which does not wait for promises in version 4: the next
 * handler runs if `decide` says so, and Express answers every error.
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
