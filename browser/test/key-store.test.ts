import { IDBFactory, IDBObjectStore } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createKeyStore } from "../src/key-store.ts";

async function publicKeyOf({ publicKey }: CryptoKeyPair): Promise<string> {
  const { x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  return `${x} ${y}`;
}

async function loadPublicKey(store = createKeyStore()): Promise<string> {
  return publicKeyOf(await store.load());
}

describe("the key store", () => {
  beforeEach(() => void vi.stubGlobal("indexedDB", new IDBFactory()));
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it("gives 20 tabs that start at once the same key, and each later one", async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => loadPublicKey()));
    expect(new Set(keys).size).toBe(1);
    expect(await loadPublicKey()).toBe(keys[0]);
  });

  it("makes keys that cannot be exported", async () => {
    const { privateKey } = await createKeyStore().load();
    expect(privateKey.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("jwk", privateKey)).rejects.toThrow();
  });

  it("makes another key after a reset", async () => {
    const store = createKeyStore();
    const before = await loadPublicKey(store);
    await store.reset();
    const after = await loadPublicKey(store);
    expect(after).not.toBe(before);
    expect(await loadPublicKey()).toBe(after);
  });

  it("does not report a key as deleted that the database did not delete", async () => {
    const store = createKeyStore();
    const key = await loadPublicKey(store);
    const failing = vi.spyOn(IDBObjectStore.prototype, "delete").mockImplementation(() => {
      throw new DOMException("Connection to Indexed Database server lost.", "UnknownError");
    });
    await expect(store.reset()).rejects.toThrow("lost");
    failing.mockRestore();
    expect(await loadPublicKey(store)).toBe(key);
  });

  it("retries a database that fails once, because another key would not match the session", async () => {
    const key = await loadPublicKey();
    const open = vi.spyOn(indexedDB, "open").mockImplementationOnce(() => {
      throw new DOMException("Connection to Indexed Database server lost.", "UnknownError");
    });
    expect(await loadPublicKey()).toBe(key);
    expect(open).toHaveBeenCalledTimes(2);
  });

  it("keeps the key in memory where there is no database, and says so once", async () => {
    vi.stubGlobal("indexedDB", undefined);
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const store = createKeyStore();
    const key = await loadPublicKey(store);
    expect(await loadPublicKey(store)).toBe(key);
    await store.reset();
    expect(await loadPublicKey(store)).not.toBe(key);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it("says what is missing on a page without WebCrypto", async () => {
    vi.stubGlobal("crypto", {});
    await expect(createKeyStore().load()).rejects.toMatchObject({ code: "ERR_NO_WEB_CRYPTO" });
  });
});
