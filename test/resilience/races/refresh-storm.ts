// Run as a process of its own: a thousand requests at once would hold up the one that measures.
import { request } from "undici";

const [url = "", integrationKey = "", sessionToken = "", atOnce = "1"] = process.argv.slice(2);
const body = JSON.stringify({ command: "ValidateAndRefreshSession", data: { sessionToken } });
const counts = { answered: 0, other: 0 };

async function refreshAgainAndAgain(): Promise<void> {
  for (;;) {
    const headers = { authorization: `Bearer ${integrationKey}`, "content-type": "application/json" };
    const answer = await request(`${url}/run-command`, { method: "POST", headers, body });
    await answer.body.dump();
    if (answer.statusCode === 200) counts.answered++;
    else counts.other++;
  }
}

process.once("SIGTERM", () => {
  process.stdout.write(JSON.stringify(counts));
  process.exit(0);
});
for (let started = 0; started < Number(atOnce); started++) void refreshAgainAndAgain();
