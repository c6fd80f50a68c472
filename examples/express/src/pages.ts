import type { Reason, Session, SessionActions } from "@byo-session/express";
import { type Html, html } from "./html.ts";

type ListedSession = Awaited<ReturnType<SessionActions["listSessions"]>>[number];

/** What the login page says to a user whose session has ended. */
const EXPLANATIONS: Partial<Record<Reason, string>> = {
  LoggedOut: "You logged out.",
  Revoked: "You were logged out from another device.",
  Expired: "Your session has expired. Please log in again.",
  Inactive: "You were away for a while, so we logged you out.",
  SessionLimit: "You logged in on too many devices, so this one was logged out.",
  IpAddressChanged: "Your network address changed, so we logged you out.",
  UserAgentChanged: "Your session was used by another browser, so we ended it.",
  DeviceVerificationRequired: "This browser could not prove that it is your device. Please log in again.",
  TokenReused: "Somebody used an old copy of your session, so we ended it. Change your password if that was not you.",
};

export function explanationOf(reason: unknown): string | undefined {
  return Object.entries(EXPLANATIONS).find(([word]) => word === reason)?.[1];
}

function page(title: string, body: Html, attributes = html``): string {
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<link rel="stylesheet" href="/style.css">
<script type="module" src="/page.js"></script>
<body${attributes}>
<main>
<h1>${title}</h1>
${body}
<output></output>
</main>
</body>
</html>`.text;
}

export function homePage(session: Session | null): string {
  const body = session
    ? html`<p>You are <strong>${session.userId}</strong>.</p>
        <p><a href="/account">Your account</a> · <a href="/sessions">My sessions</a></p>
        ${logoutForm()}`
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
        <label><input type="checkbox" name="device" value="yes"> Bind the session to this browser's key</label><br>
        <label><input type="checkbox" name="remember" value="yes"> Remember this device: it is no new one next time</label>
        <p><button>Log in</button></p>
        <p><small>Any name will do: checking passwords is the part that your application has already.</small></p>
      </form>`,
  );
}

/** After a login by the form, which carried no proof: the script binds the session, then continues. */
export function bindPage(next: string): string {
  const body = html`<p>Binding your session to this browser's key…</p>
    <noscript><p>JavaScript is switched off: <a href="${next}">go on without a bound session</a>.</p></noscript>`;
  return page("One moment", body, html` data-bind-then="${next}"`);
}

interface AccountFacts {
  generation: number | undefined;
  isNewDevice: boolean;
  notes: readonly string[];
}

export function accountPage(session: Session, { generation, isNewDevice, notes }: AccountFacts): string {
  const rotation =
    generation === undefined
      ? html``
      : html`<h2>What rotation did</h2>
          <p id="rotation">Your browser's token is number <strong>${generation}</strong> of this session.</p>
          <p>In this example the token is replaced every 30 seconds: reload now and then, and the number grows while you
          stay logged in. ${
            session.hasDeviceRegistered
              ? html`In a bound session it is replaced only in responses to requests with a proof.`
              : html`Copy the cookie, wait for two rotations and use the copy: both are ended, and the login page says why.`
          }</p>`;
  return page(
    "Your account",
    html`${isNewDevice ? html`<p role="alert">You logged in from a new device.</p>` : html``}
      <p>Hello, <strong>${session.userId}</strong>. Only you can see this page.</p>
      <p>Logged in since ${time(session.createdAt)}, until ${time(session.expiresAt)} at the latest.</p>
      ${rotation}
      <h2 id="notes">Notes</h2>
      <form method="post" action="/notes"><label>Note <input name="text" required></label> <button>Keep</button></form>
      <ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>
      ${session.hasDeviceRegistered ? deviceSection(session) : html``}
      <p><a href="/">Home</a> · <a href="/sessions">My sessions</a></p>
      ${logoutForm()}`,
  );
}

export function sessionsPage(sessions: readonly ListedSession[]): string {
  const rows = sessions.map(
    ({ sessionId, device, ipAddress = "–", lastActivityAt, current }) => html`<tr>
        <td>${device.displayName}</td><td>${ipAddress}</td><td>${time(lastActivityAt)}</td>
        <td>${
          current
            ? html`this one`
            : html`<form method="post" action="/sessions/${sessionId}/end" data-proof><button>Log out</button></form>`
        }</td>
      </tr>`,
  );
  return page(
    "My sessions",
    html`<table>
        <thead><tr><th>Device</th><th>Address</th><th>Last used</th><th></th></tr></thead>
        <tbody>${rows}</tbody>
      </table>
      <form method="post" action="/sessions/end-others" data-proof><button>Log out everywhere else</button></form>
      <p><a href="/">Home</a> · <a href="/account">Your account</a></p>`,
  );
}

function deviceSection({ deviceEvidence }: Session): Html {
  return html`<h2>What the device's key does</h2>
    <p>This session is bound to a key that your browser keeps and no script can read. This page came with
      <strong id="evidence">${deviceEvidence}</strong> evidence of it: the cookie that your last proof earned, which is good
      for ten minutes. While you use the page, its script renews it ahead of its end.</p>
    <p>This data takes a proof in the very request:</p>
    <p><button data-get="/api/secret" data-with="device">Ask with the proof</button>
      <button data-get="/api/secret" data-with="device" data-times="30">Ask 30 times at once</button>
      <button data-get="/api/secret">Ask with the cookie alone</button></p>
    <p>Copy both cookies into another browser: until ten minutes after your last proof these pages open there, and the form
      for notes works. The data does not, nor does logging out other sessions, and after that nothing does but logging out
      this one.</p>
    <p>Come back after ten minutes away: for a moment you see the page that proves your device, then the one you asked
      for.</p>`;
}

function logoutForm(): Html {
  return html`<form method="post" action="/session/logout"><button>Log out</button></form>`;
}

function time(unixSecs: number): Html {
  const date = new Date(unixSecs * 1000);
  return html`<time datetime="${date.toISOString()}">${date.toLocaleString()}</time>`;
}
