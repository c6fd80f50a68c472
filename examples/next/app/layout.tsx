import "./style.css";
import { ImpersonationBanner, SessionProvider } from "@byo-session/browser/react";
import type { ReactNode } from "react";
import { getSession } from "../lib/sessions.ts";
import { DeviceKey } from "./device-key.tsx";
import { SessionNotice } from "./session-notice.tsx";

export const metadata = { title: "byo-session example" };

export default async function Layout({ children }: { children: ReactNode }) {
  const session = await getSession();
  return (
    <html lang="en">
      <body>
        <ImpersonationBanner session={session} />
        <main>
          <DeviceKey isBound={session?.hasDeviceRegistered ?? false} />
          <SessionProvider session={session}>
            <SessionNotice />
            {children}
          </SessionProvider>
        </main>
      </body>
    </html>
  );
}
