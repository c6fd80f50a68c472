import { openPageSession } from "@byo-session/browser/session";

const page = openPageSession({ warnSecs: 3 });
const output = document.querySelector("output");

page.subscribe(() => {
  const { state, warning } = page;
  const words = [state.status, state.reason, warning.isEnding && "ending", warning.canExtend && "extendable"];
  if (output) output.textContent = words.filter(Boolean).join(" ");
});
document.querySelector("button")?.addEventListener("click", () => void page.logout());
