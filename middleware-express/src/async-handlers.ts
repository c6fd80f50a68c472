import type { Application, NextFunction, Request, Response } from "express";

/** A handler in Express 4's router; its class is not public. */
interface Layer {
  readonly handle: (...args: unknown[]) => unknown;
}

interface LayerPrototype extends Layer {
  handle_request(req: Request, res: Response, next: NextFunction): void;
  handle_error(error: unknown, req: Request, res: Response, next: NextFunction): void;
}

/**
 * Express 4 ignores what a handler returns, so the rejection of an async handler is unhandled and ends the process.
 * With this change it goes to the error handlers, as in Express 5, for every app of this copy of Express 4. Our
 * actions can reject.
 */
export function catchRejections(app: Application): void {
  const layers = layersOf(app);
  if (!layers || caught.has(layers)) return;
  caught.add(layers);
  layers.handle_request = function handleRequest(this: Layer, req, res, next) {
    if (this.handle.length > 3) return next();
    run(() => this.handle(req, res, next), next);
  };
  layers.handle_error = function handleError(this: Layer, error, req, res, next) {
    if (this.handle.length !== 4) return next(error);
    run(() => this.handle(error, req, res, next), next);
  };
}

const caught = new WeakSet<LayerPrototype>();

/** Undefined in Express 5, which keeps its router elsewhere. */
function layersOf(app: object): LayerPrototype | undefined {
  const router: unknown = Reflect.get(app, "_router");
  const stack: unknown = typeof router === "function" ? Reflect.get(router, "stack") : undefined;
  const prototype: unknown = Array.isArray(stack) && stack.length > 0 ? Object.getPrototypeOf(stack[0]) : undefined;
  return isLayerPrototype(prototype) ? prototype : undefined;
}

function isLayerPrototype(value: unknown): value is LayerPrototype {
  return typeof value === "object" && value !== null && "handle_request" in value && "handle_error" in value;
}

function run(handle: () => unknown, next: NextFunction): void {
  try {
    const returned = handle();
    // As in Express 5: an error must not be empty, which would mean "continue".
    if (returned instanceof Promise) returned.catch((error) => next(error || new Error("Rejected promise")));
  } catch (error) {
    next(error);
  }
}
