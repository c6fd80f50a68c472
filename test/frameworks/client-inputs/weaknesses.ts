import type * as CookiesModule from "../../../core/src/cookies/session-cookie.ts";
import type * as DeviceModule from "../../../core/src/device/evidence.ts";
import type * as GuardModule from "../../../core/src/gate/guard.ts";
import type * as RequestModule from "../../../core/src/request/request-view.ts";
import type { RequestView } from "../../../core/src/request/request-view.ts";
import type * as EngineModule from "../../../core/src/verdict/engine.ts";
import type { Engine, Examination } from "../../../core/src/verdict/engine.ts";

/** A deliberate bug: some input of the client decides about a check. The property has to find it, or it proves nothing. */
export interface Weakness {
  readonly bug: string;
  /** The state from which it lets something in. */
  readonly from: string;
  /** The source file of core that is changed, and the change. */
  readonly path: string;
  replace(original: never): object;
}

const engine = (
  bug: string,
  from: string,
  ask: (examination: Examination, engine: Engine) => Partial<Examination>,
): Weakness => ({
  bug,
  from,
  path: "../../../core/src/verdict/engine.ts",
  replace: ({ createEngine }: typeof EngineModule) => ({
    createEngine(settings: Parameters<typeof createEngine>[0]): Engine {
      const real = createEngine(settings);
      return {
        examine: (examination) => real.examine({ ...examination, ...ask(examination, real) }),
        held: () => undefined,
      };
    },
  }),
});

/** Requests of that kind count as proved. */
const proved = (bug: string, isBelieved: (view: RequestView) => boolean): Weakness =>
  engine(bug, "a copied cookie of a session with a device", ({ view }) =>
    isBelieved(view) ? { knownEvidence: "proof" } : {},
  );

const guard = (bug: string, isLetIn: (view: RequestView) => boolean): Weakness => ({
  bug,
  from: "no cookie",
  path: "../../../core/src/gate/guard.ts",
  replace: ({ answerOfGuard }: typeof GuardModule) => ({
    answerOfGuard: (...[request, ...more]: Parameters<typeof answerOfGuard>) =>
      isLetIn(request.view) ? Promise.resolve(undefined) : answerOfGuard(request, ...more),
  }),
});

const safeMethods = (
  bug: string,
  isUnsafe: (view: RequestView, original: typeof RequestModule) => boolean,
): Weakness => ({
  bug,
  from: "a change that another site makes the browser send",
  path: "../../../core/src/request/request-view.ts",
  replace: (original: typeof RequestModule) => ({ isUnsafe: (view: RequestView) => isUnsafe(view, original) }),
});

export const WEAKNESSES: readonly Weakness[] = [
  proved("a page load needs no proof, by Sec-Fetch-Mode", (view) => view.header("sec-fetch-mode") === "navigate"),
  proved("a page load needs no proof, by Accept", (view) => view.header("accept")?.includes("text/html") === true),
  proved("any DPoP header is a proof", (view) => view.header("dpop") !== undefined),
  proved("localhost needs no proof, by Host", (view) => view.header("host") === "localhost"),
  {
    bug: "the first cookie is the session's",
    from: "a copied cookie beside a session of the thief's own",
    path: "../../../core/src/cookies/session-cookie.ts",
    replace: ({ createSessionCookie }: typeof CookiesModule) => ({
      createSessionCookie(...given: Parameters<typeof createSessionCookie>) {
        const cookie = createSessionCookie(...given);
        return { ...cookie, read: (view: RequestView) => cookie.read(view).slice(0, 1) };
      },
    }),
  },
  {
    bug: "a recent proof is enough everywhere",
    from: "a copied cookie jar of a session with a device",
    path: "../../../core/src/device/evidence.ts",
    replace: ({ meetsDemand }: typeof DeviceModule) => ({
      meetsDemand: (...[session]: Parameters<typeof meetsDemand>) => meetsDemand(session, "recent"),
    }),
  },
  safeMethods("a method that is not known is safe", ({ method }) =>
    ["POST", "PUT", "PATCH", "DELETE"].includes(method),
  ),
  safeMethods("an override says the method", (view, { isUnsafe }) => {
    return view.header("x-http-method-override") !== "GET" && isUnsafe(view);
  }),
  guard("a prefetch passes the guard", (view) => view.header("purpose") === "prefetch"),
  guard("Next's prefetch passes the guard", (view) => view.header("next-router-prefetch") !== undefined),
  guard("a preflight's header passes the guard", (view) => view.header("access-control-request-method") !== undefined),
  guard("the path of a rewrite header is guarded instead", (view) => view.header("x-rewrite-url") === "/open"),
  engine(
    "the client's address is the first of X-Forwarded-For",
    "a session from an address that its tag does not allow",
    ({ view }) => {
      const { method, target } = view;
      const [clientIp] = view.header("x-forwarded-for")?.split(",") ?? [];
      return clientIp === undefined ? {} : { view: { method, target, header: (name) => view.header(name), clientIp } };
    },
  ),
];
