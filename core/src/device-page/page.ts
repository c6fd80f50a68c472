import type { GateResponse } from "../answers/gate-response.ts";
import type { Refusals } from "../answers/refusals.ts";
import { ConfigurationError } from "../errors.ts";

/** A page load without a recent proof of the session's device, or a form that was sent without one. */
export interface DevicePage {
  /** `prove`: the page proves the device and loads the wanted address again. `form`: nothing was sent, and it can go back. */
  readonly kind: "prove" | "form";
  /** The script that does it; give it `scriptData` as its attributes. Undefined where `routes` is off: nobody can prove. */
  readonly scriptUrl: string | undefined;
  readonly scriptData: Readonly<Record<`data-${string}`, string>>;
  /** Where to log in, with the way back; `/` where no `loginUrl` is set. The script logs out before it goes there. */
  readonly loginUrl: string;
}

export interface DevicePageAnswer {
  readonly html: string;
  /** Default: scripts and calls of the app's own origin, and nothing else. */
  readonly contentSecurityPolicy?: string;
}

const STRICT =
  "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/** The page as an answer: 401, kept by nobody, and without a request to anywhere else. */
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

/** @throws ConfigurationError `ERR_BYO_OPTIONS` for a page that no host could send. */
function checked(page: DevicePageAnswer): DevicePageAnswer {
  const { html, contentSecurityPolicy = STRICT } = Object(page);
  if (typeof html === "string" && /^[\x20-\x7e]*$/.test(contentSecurityPolicy)) return page;
  throw new ConfigurationError(
    "ERR_BYO_OPTIONS",
    "`devicePage`: the function has to give { html }, and `contentSecurityPolicy` in one line of ASCII where it gives that too",
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
