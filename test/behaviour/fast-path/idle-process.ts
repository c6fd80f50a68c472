import { createClient } from "@byo-session/core";

/** A program that uses the client and ends: by closing it, or with nothing else to do. */
const [url = "", integrationKey = "", close] = process.argv.slice(2);
const client = createClient({ url, integrationKey });
for (let i = 0; i < 5; i++) {
  (await client.ping(undefined)).getOrThrow();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
if (close === "close") await client.close();
