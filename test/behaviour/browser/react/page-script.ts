import { initFetchWithDevice, registerDevice } from "@byo-session/browser";
import { createElement, StrictMode } from "react";
import { hydrateRoot } from "react-dom/client";
import { AccountPage, type PageData, statesShown } from "./account-page.ts";

const data: PageData = JSON.parse(document.getElementById("data")?.textContent ?? "{}");
if (data.withDevice) initFetchWithDevice();
Object.assign(globalThis, { statesShown, registerDevice });
hydrateRoot(
  document.getElementById("root") ?? document.body,
  createElement(StrictMode, null, createElement(AccountPage, data)),
  { onRecoverableError: (error) => console.error("not as the server rendered it", error) },
);
