import type { Reason, Session, SessionActions } from "@byo-session/express";
import { type Html, html } from "./html.ts";

type ListedSession = Awaited<ReturnType<SessionActions["listSessions"]>>[number];

/** What the login page says to somebody whose session is gone. */
const EXPLANATIONS: Partial<Record<Reason, string>> = {
  LoggedOut: "You logged out.",
  Revoked: "You were logged out from another device.",
  Expired: "Your session has reached its end. Please log in again.",
  Inactive: "You were away for a while, so we logged you out.",
  SessionLimit: "You logged in on too many devices, so this one was logged out.",
  IpAddressChanged: "Your network address changed, so we logged you out.",
  UserAgentChanged: "Your session was used by another browser, so we ended it.",
  TokenReused: "Somebody used an old copy of your session, so we ended it. Change your password if that was not you.",
};

export function explanationOf(reason: unknown): string | undefined {
  return Object.entries(EXPLANATIONS).find(([word]) => word === reason)?.[1];
}

function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<link rel="stylesheet" href="/style.css">
<main>
<h1>${title}</h1>
${body}
</main>
</html>`.text;
}

export function homePage(session: Session | null): string {
  const body = session
    ? html`<p>You are <strong>${session.userId}</strong>.</p>
        <p><a href="/account">Your account</a> · <a href="/sessions">My sessions</a></p>
        ${logOutForm()}`
    : html`<p>Nobody is logged in. This page is open to everyone.</p>
        <p><a href="/login">Log in</a> · <a href="/account">Your account</a> (protected)</p>`;
  return page("byo-session example", body);
}

export function loginPage(returnTo: string, explanation: string | undefined): string {
  return page(
    "Log in",
    html`${explanation ? html`<p role="alert">${explanation}</p>` : html``}
      <form method="post" action="/login">
        <input type="hidden" name="returnTo" value="${returnTo}">
        <label>Name <input name="name" required maxlength="100" autocomplete="username"></label>
        <button>Log in</button>
        <p><small>Any name will do: checking passwords is the part that your application has already.</small></p>
      </form>`,
  );
}

export function accountPage(session: Session, generation: number | undefined): string {
  const rotation =
    generation === undefined
      ? html``
      : html`<h2>What rotation did</h2>
          <p id="rotation">Your browser's token is number <strong>${generation}</strong> of this session.</p>
          <p>In this example the token is replaced every 30 seconds: reload now and then, and the number grows while you
          stay logged in. Copy the cookie, wait for two rotations and use the copy: both are ended, and the login page says
          why.</p>`;
  return page(
    "Your account",
    html`<p>Hello, <strong>${session.userId}</strong>. Only you can see this page.</p>
      <p>Logged in since ${time(session.createdAt)}, until ${time(session.expiresAt)} at the latest.</p>
      ${rotation}
      <p><a href="/">Home</a> · <a href="/sessions">My sessions</a></p>
      ${logOutForm()}`,
  );
}

export function sessionsPage(sessions: readonly ListedSession[]): string {
  const rows = sessions.map(
    ({ sessionId, device, ipAddress = "–", lastActivityAt, current }) => html`<tr>
        <td>${device.displayName}</td><td>${ipAddress}</td><td>${time(lastActivityAt)}</td>
        <td>${
          current
            ? html`this one`
            : html`<form method="post" action="/sessions/${sessionId}/end"><button>Log out</button></form>`
        }</td>
      </tr>`,
  );
  return page(
    "My sessions",
    html`<table>
        <thead><tr><th>Device</th><th>Address</th><th>Last used</th><th></th></tr></thead>
        <tbody>${rows}</tbody>
      </table>
      <form method="post" action="/sessions/end-others"><button>Log out everywhere else</button></form>
      <p><a href="/">Home</a> · <a href="/account">Your account</a></p>`,
  );
}

function logOutForm(): Html {
  return html`<form method="post" action="/logout"><button>Log out</button></form>`;
}

function time(unixSecs: number): Html {
  const date = new Date(unixSecs * 1000);
  return html`<time datetime="${date.toISOString()}">${date.toLocaleString()}</time>`;
}
