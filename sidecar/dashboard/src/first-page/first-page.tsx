import { NeedsAttention } from "../incident/needs-attention.tsx";
import SessionsPage from "../sessions/sessions-page.tsx";

/** What needs attention, above the sessions. */
export default function FirstPage() {
  return <SessionsPage first={<NeedsAttention />} />;
}
