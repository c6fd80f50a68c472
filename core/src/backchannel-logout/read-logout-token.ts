import { ConfigurationError } from "../errors.ts";
import { readText } from "../request/request-body.ts";
import type { RequestView } from "../request/request-view.ts";
import { LogoutRefused } from "./logout-error.ts";

/** Logout tokens have one or two kilobytes. */
const LIMITS = { maxBytes: 32 * 1024, timeoutMs: 5000 };

/**
 * The one `logout_token` of a form, as section 2.5 of OpenID Connect Back-Channel Logout 1.0 has it sent.
 *
 * @throws LogoutRefused
 * @throws ConfigurationError `ERR_BODY_READ`
 */
export async function readLogoutToken(view: RequestView): Promise<string> {
  const [mediaType = ""] = (view.header("content-type") ?? "").split(";", 1);
  if (mediaType.trim().toLowerCase() !== "application/x-www-form-urlencoded") {
    throw new LogoutRefused("expected the content type application/x-www-form-urlencoded");
  }
  const coding = view.header("content-encoding") ?? "identity";
  if (coding !== "identity") throw new LogoutRefused("expected a body without a content encoding");
  const tokens = await tokensIn(view);
  const [token] = tokens;
  if (tokens.length !== 1 || typeof token !== "string" || token === "") {
    throw new LogoutRefused("expected one logout_token");
  }
  if (token.length > LIMITS.maxBytes) throw new LogoutRefused(`expected at most ${LIMITS.maxBytes} bytes`);
  return token;
}

async function tokensIn(view: RequestView): Promise<readonly unknown[]> {
  const body = view.body?.() ?? { kind: "gone" };
  if (body.kind === "gone") {
    throw new ConfigurationError(
      "ERR_BODY_READ",
      "backchannelLogout: the body of the request was read before the middleware ran, and is lost: mount byoSession() " +
        "before the body parser",
    );
  }
  if (body.kind === "parsed") return [Object(body.value).logout_token].flat();
  const text = await readText(body.chunks, LIMITS);
  if (text === undefined) {
    throw new LogoutRefused(`expected a body of at most ${LIMITS.maxBytes} bytes within ${LIMITS.timeoutMs} ms`);
  }
  return new URLSearchParams(text).getAll("logout_token");
}
