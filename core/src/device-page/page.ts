import type { GateResponse } from "../answers/gate-response.ts";
import type { Refusals } from "../answers/refusals.ts";
import { ConfigurationError } from "../errors.ts";

/** For a page load without a recent proof of the session's device, or a form that was sent without one. */
export interface DevicePage {
  /**
   * `prove`: the page proves the device and reloads the requested URL. `form`: nothing was sent, and the user can go
   * back.
   */
  readonly kind: "prove" | "form";
  /**
   * The script that does it; set `scriptData` as its attributes. Undefined if `routes` is off: no device can prove
   * itself then.
   */
  readonly scriptUrl: string | undefined;
  readonly scriptData: Readonly<Record<`data-${string}`, string>>;
  /** Where to log in, with `returnTo`; `/` if no `loginUrl` is set. The script logs out before it goes there. */
  readonly loginUrl: string;
}

export interface DevicePageAnswer {
  readonly html: string;
  /** Default: only scripts and calls of the app's own origin. */
  readonly contentSecurityPolicy?: string;
}

const STRICT =
  "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/** The page as a response: 401, never cached, and without requests to other hosts. */
export function devicePageResponse(
  page: DevicePage,
  refusals: Refusals,
  own: ((page: DevicePage) => DevicePageAnswer) | undefined,
): GateResponse {
  const { html, contentSecurityPolicy = STRICT } = own ? checked(own(page)) : { html: plainPage(page) };
  return refusals.page("DeviceVerificationRequired", html, [
    ["Content-Security-Policy", contentSecurityPolicy],
    ["X-Content-Type-Options", "nosniff"],
    ["Referrer-Policy", "same-origin"],
  ]);
}

/** @throws ConfigurationError `ERR_BYO_OPTIONS` if `devicePage` returns a page that cannot be sent. */
function checked(page: DevicePageAnswer): DevicePageAnswer {
  const { html, contentSecurityPolicy = STRICT } = Object(page);
  if (typeof html === "string" && /^[\x20-\x7e]*$/.test(contentSecurityPolicy)) return page;
  throw new ConfigurationError(
    "ERR_BYO_OPTIONS",
    "`devicePage`: expected the function to return { html }, and optionally `contentSecurityPolicy` as one line of ASCII",
  );
}

const TEXT = {
  prove: { title: "Checking your device", waiting: "Checking that this is your device…" },
  form: {
    title: "Not sent",
    waiting: "Nothing was sent, because this device had not been checked for a while. Checking it now…",
  },
};

function plainPage({ kind, scriptUrl, scriptData, loginUrl }: DevicePage): string {
  const { title, waiting } = TEXT[kind];
  const canProve = scriptUrl !== undefined;
  const data = Object.entries(scriptData).map(([name, value]) => ` ${name}="${escapeHtml(value)}"`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<main>
<p id="waiting" role="status"${canProve ? "" : " hidden"}>${waiting}</p>
<div id="proved" hidden><p>Nothing was sent. This is your device: go back and send the form again.</p>
<p><button id="back" type="button">Go back</button></p></div>
<div id="failed"${canProve ? " hidden" : ""}><h1>This page needs proof that this is your device</h1>
<p id="reason"></p>
<p>${canProve ? '<button id="again" type="button">Try again</button> ' : ""}<a id="login" href="${escapeHtml(loginUrl)}">Log in again</a></p></div>
<noscript><p>JavaScript is switched off, so this device cannot be checked.</p></noscript>
</main>
${canProve ? `<script src="${escapeHtml(scriptUrl)}"${data.join("")}></script>\n` : ""}</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
