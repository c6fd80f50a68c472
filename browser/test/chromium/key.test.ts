import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { launchProfile } from "../../../test/harness/chromium.ts";
import { fetchIn, setUpChromium } from "./world.ts";

const world = setUpChromium();

function keysSeen(): Set<string | undefined> {
  return new Set(world.app.requestsFor("/api/hello").map(({ thumbprint }) => thumbprint));
}

describe("the device's key", () => {
  it("is one for two tabs that start at once", async () => {
    for (let round = 0; round < 4; round++) {
      await world.switchProfile();
      const tabs = await Promise.all([world.openTab(), world.openTab(), world.openTab()]);
      world.app.seen.length = 0;
      await Promise.all(
        tabs.map((tab) =>
          tab.evaluate(async () => {
            byo.initFetchWithDevice();
            await byo.fetchWithDevice("/api/hello");
          }),
        ),
      );
      expect(world.app.requestsFor("/api/hello")).toHaveLength(3);
      expect(keysSeen().size).toBe(1);
    }
  });

  it("survives a reload, and differs in another profile", async () => {
    const page = await world.openReadyTab();
    await fetchIn(page, "/api/hello");
    await page.reload();
    await page.evaluate(() => byo.initFetchWithDevice());
    await fetchIn(page, "/api/hello");
    expect(world.app.requestsFor("/api/hello")).toHaveLength(2);
    expect(keysSeen().size).toBe(1);
    await world.switchProfile();
    await fetchIn(await world.openReadyTab(), "/api/hello");
    expect(keysSeen().size).toBe(2);
  });

  it("survives a restart of the browser", async () => {
    const directory = await mkdtemp(join(tmpdir(), "byo-profile-"));
    try {
      for (let start = 0; start < 2; start++) {
        const profile = await launchProfile(directory);
        const page = await profile.newPage();
        await page.goto(world.app.origin);
        await page.evaluate(() => byo.initFetchWithDevice());
        expect(await fetchIn(page, "/api/hello")).toBe(200);
        await profile.close();
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
    expect(world.app.requestsFor("/api/hello")).toHaveLength(2);
    expect(keysSeen().size).toBe(1);
  });

  it("cannot be exported by a script of the page", async () => {
    const page = await world.openReadyTab();
    expect(await fetchIn(page, "/api/hello")).toBe(200);
    const attempts = await page.evaluate(async () => {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open("byo-session");
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      const pair = await new Promise<CryptoKeyPair>((resolve) => {
        const request = database.transaction("keys").objectStore("keys").get("device");
        request.onsuccess = () => resolve(request.result);
      });
      const formats = ["jwk", "pkcs8", "raw"] as const;
      const answers = formats.map((format) =>
        crypto.subtle.exportKey(format as "pkcs8", pair.privateKey).then(
          () => "exported",
          (error: Error) => error.name,
        ),
      );
      return { extractable: pair.privateKey.extractable, answers: await Promise.all(answers) };
    });
    expect(attempts.extractable).toBe(false);
    expect(attempts.answers).not.toContain("exported");
  });

  it("is in memory only where there is no IndexedDB, and one warning says so", async () => {
    const warnings: string[] = [];
    world.profile.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
    await world.profile.addInitScript(() => Object.defineProperty(globalThis, "indexedDB", { value: undefined }));
    const page = await world.openReadyTab();
    expect(await fetchIn(page, "/api/hello")).toBe(200);
    expect(await fetchIn(page, "/api/hello")).toBe(200);
    expect(keysSeen().size).toBe(1);
    expect(warnings).toEqual([expect.stringContaining("IndexedDB is not available")]);
  });

  it("is replaced in every tab by resetDevice()", async () => {
    const [first, second] = await Promise.all([world.openReadyTab(), world.openReadyTab()]);
    await fetchIn(first, "/api/hello");
    await fetchIn(second, "/api/hello");
    const [before] = keysSeen();
    await first.evaluate(() => byo.resetDevice());
    // The other tab hears of it by a message.
    await expect
      .poll(async () => {
        world.app.seen.length = 0;
        await fetchIn(second, "/api/hello");
        return keysSeen().has(before);
      })
      .toBe(false);
    await fetchIn(first, "/api/hello");
    expect(keysSeen().size).toBe(1);
  });
});
