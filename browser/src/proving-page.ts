import { createDeviceFetch } from "./fetch.ts";

/**
 * The script of the proving page, which replaces a page whose request had no recent device proof: it proves the device
 * and reloads the requested URL once. After a form it offers to go back instead. It is bundled into the middleware,
 * which serves it with its ready-made routes.
 */

const { routes = "", kind = "prove" } = document.currentScript?.dataset ?? {};
const ATTEMPT = "byo-session:proving";
/** A second load within that time means that the browser does not keep the cookie: do not reload the page in a loop. */
const ONE_TRY_MS = 15_000;
// Without `prepare()`, which would keep the cookie fresh: this page makes one proof, and no more.
const device = createDeviceFetch({ routesPrefix: routes }, fetch.bind(globalThis));

const WORDS: Readonly<Record<string, string>> = {
  DeviceVerificationFailed: "This browser does not hold the key that this session was started with.",
  DeviceVerificationRequired:
    "The proof did not arrive. If this keeps happening, please contact the people who run this site.",
  cookie: "Your device was recognised, but its cookie is missing. Are cookies blocked for this site?",
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
  // This text stays if the requested URL is a download, which does not replace the page.
  say("waiting", "Your device was recognised. The page is loading.");
  // Also if the session has ended meanwhile: the app then says so itself.
  location.reload();
}

/** The session ends first: without its key it is useless here, and every page would refuse its cookie. */
async function logInAgain(event: Event): Promise<void> {
  event.preventDefault();
  const { href } = event.currentTarget as HTMLAnchorElement;
  await fetch(`${routes}/logout`, { method: "POST" }).catch(() => undefined);
  location.assign(href);
}

/** The browser keeps what the user typed, and the form can be sent with the new device cookie. */
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
    // Never reload after a form: the browser would send it again.
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

/** Infinity if the proof got no cookie. */
function cookieLifeMs({ headers }: Response): number {
  const secs = Number(headers.get("device-cookie-max-age"));
  return secs > 0 ? secs * 1000 : Number.POSITIVE_INFINITY;
}

/** In the tab's own storage, with the URL: other pages of the app have their own try. */
function justTried(): boolean {
  try {
    const [until = "", ...address] = (sessionStorage.getItem(ATTEMPT) ?? "").split(" ");
    // Counted from the start of this load: on a slow connection it may have taken longer than the try.
    const leftMs = Number(until) - performance.timeOrigin;
    return address.join(" ") === location.href && leftMs > 0 && leftMs < 2 * ONE_TRY_MS;
  } catch {
    return history.state === ATTEMPT;
  }
}

/** A cookie with a shorter lifetime than the try may really have expired when the page is loaded again. */
function remember(lifeMs: number): void {
  try {
    sessionStorage.setItem(ATTEMPT, `${Date.now() + Math.min(ONE_TRY_MS, lifeMs / 2)} ${location.href}`);
  } catch {
    // No storage at all: the history entry survives a reload too.
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

// Set by script, because the page's strict policy does not allow styles in the markup.
document.body.style.cssText =
  "font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto; padding: 0 1rem";
prove().catch((error: { code?: unknown }) => fail(typeof error?.code === "string" ? error.code : "network"));
