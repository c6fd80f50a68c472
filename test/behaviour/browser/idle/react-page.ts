import { SessionProvider, useIdleWarning, useSession } from "@byo-session/browser/react";
import { createElement as h, type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";

function Shown(): ReactNode {
  const { status, reason } = useSession();
  const { isEnding, canExtend, extend } = useIdleWarning({ warnSecs: 3 });
  const text = [status, reason, isEnding && "ending", canExtend && "extendable"].filter(Boolean).join(" ");
  return h("p", null, h("output", null, text), h("button", { type: "button", onClick: () => void extend() }, "Stay"));
}

const session = JSON.parse(document.getElementById("data")?.textContent ?? "null");
createRoot(document.getElementById("root") ?? document.body).render(
  h(StrictMode, null, h(SessionProvider, { session }, h(Shown))),
);
