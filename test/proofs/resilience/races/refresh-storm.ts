// Run as a process of its own: a thousand requests at once would hold up the one that measures.
import { request } from "undici";

const [url = "", integrationKey = "", sessionToken = "", atOnce = "1"] = process.argv.slice(2);
const body = JSON.stringify({ command: "ValidateAndRefreshSession", data: { sessionToken } });
const headers = { authorization: `Bearer ${integrationKey}`, "content-type": "application/json" };
let answered = 0;

async function refreshOnce(): Promise<void> {
  const answer = await request(`${url}/run-command`, { method: "POST", headers, body });
  await answer.body.dump();
  if (answer.statusCode === 200) answered++;
}

async function refreshForEver(): Promise<never> {
  for (;;) await refreshOnce();
}

process.once("SIGTERM", () => {
  process.stdout.write(`${answered}\n`);
  process.exit(0);
});
const all = Array.from({ length: Number(atOnce) });
// Making so many connections is another thing than refreshing.
await Promise.all(all.map(refreshOnce));
process.stdout.write("connected\n");
for (const _ of all) void refreshForEver();
