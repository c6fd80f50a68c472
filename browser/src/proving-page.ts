import { createDeviceFetch } from "./fetch.ts";

/**
 * The script of the page that stands in for one whose request had no recent proof of the device: it proves the device and
 * loads the wanted address again, once. After a form it offers to go back instead. Bundled into the middleware, which
 * serves it beside its ready-made routes.
 */

const { routes = "", kind = "prove" } = document.currentScript?.dataset ?? {};
const ATTEMPT = "byo-session:proving";
/** A second load in that time means that the cookie does not stick: no reason to load the page again and again. */
const ONE_TRY_MS = 15_000;
// Without `prepare()`, which would keep the cookie fresh beside this: here one proof is made, and no more.
const device = createDeviceFetch({ routesPrefix: routes }, fetch.bind(globalThis));

const WORDS: Readonly<Record<string, string>> = {
  DeviceVerificationFailed: "This browser does not hold the key that this session was started with.",
  DeviceVerificationRequired: "The proof did not arrive. If this stays so, please tell those who run this site.",
  cookie: "The proof was good, but the cookie that it earned is missing. Are cookies blocked for this site?",
  SidecarUnavailable: "The service is not available right now. Please try again in a moment.",
  network: "The service could not be reached. Please check the connection and try again.",
  ERR_NO_WEB_CRYPTO: "This page needs https to prove that this is your device.",
};

async function prove(): Promise<void> {
  if (kind === "prove" && justTried()) return fail("cookie");
  const response = await device.fetch(routes, { credentials: "same-origin", cache: "no-store" });
  if (!response.ok) {
    const { reason } = Object(await response.json().catch(() => ({})));
    return fail(String(reason ?? `${response.status}`));
  }
  if (kind === "form") return offerToGoBack();
  remember(cookieLifeMs(response));
  // Stays there where the wanted address is a download, which takes no page's place.
  say("waiting", "This is your device. What you asked for is on its way.");
  // Also when the session has ended meanwhile: the app then says so by itself.
  location.reload();
}

/** The session ends first: without its key it is of no use here, and its cookie would be refused at every page. */
async function logInAgain(event: Event): Promise<void> {
  event.preventDefault();
  const { href } = event.currentTarget as HTMLAnchorElement;
  await fetch(`${routes}/logout`, { method: "POST" }).catch(() => undefined);
  location.assign(href);
}

/** The browser keeps what was typed, and the form can be sent with the proof that has just been made. */
function offerToGoBack(): void {
  show("waiting", false);
  show("proved", true);
  document.getElementById("back")?.addEventListener("click", () => history.back());
}

function fail(reason: string): void {
  show("waiting", false);
  show("failed", true);
  say("reason", WORDS[reason] ?? `Reason: ${reason}.`);
  document.getElementById("login")?.addEventListener("click", (event) => void logInAgain(event));
  document.getElementById("again")?.addEventListener("click", () => {
    forget();
    // Never by a reload after a form: the browser would send it.
    if (kind === "form") void prove();
    else location.reload();
  });
}

function show(id: string, visible: boolean): void {
  const element = document.getElementById(id);
  if (element) element.hidden = !visible;
}

function say(id: string, text: string): void {
  const element = document.getElementById(id);
  if (element) element.textContent = text;
}

/** Infinity where the proof earned none. */
function cookieLifeMs({ headers }: Response): number {
  const secs = Number(headers.get("device-cookie-max-age"));
  return secs > 0 ? secs * 1000 : Number.POSITIVE_INFINITY;
}

/** In the tab's own storage, with the address: other pages of the app have a try of their own. */
function justTried(): boolean {
  try {
    const [until = "", ...address] = (sessionStorage.getItem(ATTEMPT) ?? "").split(" ");
    // From when this load began: on a slow line it may have taken longer than the try.
    const leftMs = Number(until) - performance.timeOrigin;
    return address.join(" ") === location.href && leftMs > 0 && leftMs < 2 * ONE_TRY_MS;
  } catch {
    return history.state === ATTEMPT;
  }
}

/** A cookie that lives shorter than the try may really be over when the page is loaded again. */
function remember(lifeMs: number): void {
  try {
    sessionStorage.setItem(ATTEMPT, `${Date.now() + Math.min(ONE_TRY_MS, lifeMs / 2)} ${location.href}`);
  } catch {
    // No storage at all: the history's entry survives a reload too.
    history.replaceState(ATTEMPT, "");
  }
}

function forget(): void {
  try {
    sessionStorage.removeItem(ATTEMPT);
  } catch {
    history.replaceState(null, "");
  }
}

// By script, which the strict policy of the page allows; a style in the markup it does not.
document.body.style.cssText =
  "font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto; padding: 0 1rem";
prove().catch((error: { code?: unknown }) => fail(typeof error?.code === "string" ? error.code : "network"));
