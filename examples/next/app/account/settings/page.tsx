import Link from "next/link";
import { byo, requireSession } from "../../../lib/sessions.ts";

export default async function Settings() {
  const { hasDeviceRegistered, deviceEvidence } = await requireSession();
  // A page load of a bound session carries no proof, but the list requires one.
  const sessions = hasDeviceRegistered && deviceEvidence === "none" ? [] : await (await byo()).listSessions();
  return (
    <>
      <h1>Settings</h1>
      <h2>Your sessions</h2>
      <ul>
        {sessions.map(({ sessionId, device, current }) => (
          <li key={sessionId}>
            {device.displayName} {current && "(this one)"}
          </li>
        ))}
      </ul>
      <p>
        <Link href="/">Home</Link> · <Link href="/account">Your account</Link>
      </p>
    </>
  );
}
