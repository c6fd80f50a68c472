import type { Session } from "@byo-session/koa";
import escapeHtml from "escape-html";

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<body>
<h1>${title}</h1>
${body}
</body>
</html>`;
}

const LOG_OUT = '<form method="post" action="/session/logout"><button>Log out</button></form>';

export function homePage(session: Session | null): string {
  return page(
    "byo-session example",
    session
      ? `<p>You are <strong>${escapeHtml(session.userId)}</strong>. <a href="/account">Your account</a></p>${LOG_OUT}`
      : '<p>Nobody is logged in. <a href="/login">Log in</a> · <a href="/account">Your account</a> (protected)</p>',
  );
}

export function loginPage(returnTo: string, reason: string): string {
  return page(
    "Log in",
    `${reason === "" ? "" : `<p role="alert">Your session is over: ${escapeHtml(reason)}</p>`}
<form method="post" action="/login">
<input type="hidden" name="returnTo" value="${escapeHtml(returnTo)}">
<label>Name <input name="name" required maxlength="100" autocomplete="username"></label>
<button>Log in</button>
<p><small>Any name will do: checking passwords is the part that your application has already.</small></p>
</form>`,
  );
}

export function accountPage({ userId, createdAt }: Session, sessions: number): string {
  return page(
    "Your account",
    `<p>Hello, <strong>${escapeHtml(userId)}</strong>. Only you can see this page.</p>
<p>Logged in since ${new Date(createdAt * 1000).toISOString()}; you have ${sessions} session(s).</p>
<form method="post" action="/logout-others"><button>Log out everywhere else</button></form>
${LOG_OUT}
<p><a href="/">Home</a></p>`,
  );
}
