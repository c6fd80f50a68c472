import { type ClientSession, SessionProvider, useSession } from "@byo-session/browser/react";
import { createElement as h, type ReactNode, useState } from "react";

export interface PageData {
  /** Left out: the page asks. */
  session?: ClientSession | null;
  /** Whether the app has set devices up. */
  withDevice?: boolean;
  routesPrefix?: string;
}

/** The states that have been shown, in order. */
const shown: string[] = [];

function Shown({ name }: { name: string }): ReactNode {
  const { status, session, reason, error } = useSession();
  const text = [status, session?.userId, reason, error?.code].filter(Boolean).join(" ");
  if (name === "first" && shown.at(-1) !== text) shown.push(text);
  return h("output", { id: name }, text);
}

function Buttons(): ReactNode {
  const { refresh, logout } = useSession();
  const [failure, setFailure] = useState("");
  return h(
    "p",
    null,
    h("button", { type: "button", onClick: () => void refresh() }, "Refresh"),
    h("button", { type: "button", onClick: () => void logout().catch(({ code }) => setFailure(code)) }, "Log out"),
    h("output", { id: "failure" }, failure),
  );
}

/** What server and browser render alike: a layout with several hooks below one provider. */
export function AccountPage({ session, routesPrefix = "/session" }: PageData): ReactNode {
  const [isShown, setIsShown] = useState(true);
  const provided = { routesPrefix, ...(session !== undefined && { session }) };
  return h(
    "main",
    null,
    // Toggled twice, it is mounted again with its first props, as from a router's cache.
    isShown && h(SessionProvider, provided, h(Shown, { name: "first" }), h(Shown, { name: "second" }), h(Buttons)),
    h("button", { type: "button", onClick: () => setIsShown(!isShown) }, "Turn over"),
  );
}

export function statesShown(): readonly string[] {
  return shown;
}
