import { generateKeyPair } from "dpop";
import { createStore, del, get, update } from "idb-keyval";
import { DeviceError } from "./error.ts";

export interface KeyStore {
  /** The key of this origin, created at the first use. No script can read its private half. */
  load(): Promise<CryptoKeyPair>;
  /** Deletes the key, for every tab. Rejects with the database's error if that fails. */
  reset(): Promise<void>;
}

const NAME = "byo-session";
const KEY = "device";

/** Stores the device's key in IndexedDB, which can store a key that cannot be exported, and shares it among tabs. */
export function createKeyStore(): KeyStore {
  const store = createStore(NAME, "keys");
  let loaded: Promise<CryptoKeyPair> | undefined;
  let tabs: BroadcastChannel | undefined;
  let isInMemory = false;

  /** Opened late, because an open channel would keep a server process that renders the page alive. */
  function otherTabs(): BroadcastChannel {
    if (!tabs) {
      tabs = new BroadcastChannel(NAME);
      tabs.onmessage = () => {
        loaded = undefined;
      };
    }
    return tabs;
  }

  async function loadStored(): Promise<CryptoKeyPair> {
    const stored = await get<CryptoKeyPair>(KEY, store);
    if (stored) return stored;
    const made = await generateKeyPair("ES256");
    // Another tab may do the same. `update` is one transaction, so both use the key of the first.
    let agreed = made;
    await update<CryptoKeyPair>(
      KEY,
      (old) => {
        agreed = old ?? made;
        return agreed;
      },
      store,
    );
    return agreed;
  }

  async function loadAny(): Promise<CryptoKeyPair> {
    if (!globalThis.crypto?.subtle) {
      throw new DeviceError("ERR_NO_WEB_CRYPTO", "This page cannot have a device key: serve it on https or localhost.");
    }
    try {
      // Safari sometimes loses its connection to the database, and a new key would not match the session, so try twice.
      return await loadStored().catch(loadStored);
    } catch (error) {
      if (!isInMemory) {
        isInMemory = true;
        console.warn(
          "byo-session: IndexedDB is not available, so the device key is lost when this page closes.",
          error,
        );
      }
      return generateKeyPair("ES256");
    }
  }

  return {
    load() {
      otherTabs();
      loaded ??= loadAny();
      return loaded;
    },
    async reset() {
      loaded = undefined;
      if (!isInMemory) await del(KEY, store);
      otherTabs().postMessage("reset");
    },
  };
}
