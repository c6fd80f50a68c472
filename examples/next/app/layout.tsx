import "./style.css";
import type { ReactNode } from "react";
import { getSession } from "../lib/sessions.ts";
import { DeviceKey } from "./device-key.tsx";

export const metadata = { title: "byo-session example" };

export default async function Layout({ children }: { children: ReactNode }) {
  const session = await getSession();
  return (
    <html lang="en">
      <body>
        <main>
          <DeviceKey isBound={session?.hasDeviceRegistered ?? false} />
          {children}
        </main>
      </body>
    </html>
  );
}
