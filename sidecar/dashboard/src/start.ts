import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./theme/theme.css";
import { askEarly, hrefOf } from "./api/call.ts";
import { FIRST_PATH, pageAt } from "./page-table.ts";

// The answers that the page needs first come while the code to draw them is still on its way: who is logged in, and what the
// address asks for. A stranger is refused the second one, as always.
const { pathname, search } = window.location;
const parts = (pathname === "/" ? FIRST_PATH : pathname).split("/").filter((part) => part !== "");
const page = pageAt(parts);
askEarly(hrefOf("access/state", {}));
if (page?.firstCall) askEarly(page.firstCall(parts, new URLSearchParams(search)));

void import("./main.tsx");
// The page itself shows that its file is missing.
page?.load().catch(() => undefined);
