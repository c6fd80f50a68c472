import { ConfigurationError } from "../errors.ts";

/** Every `byoSession()` of this process, for calls outside the normal path of a request. */
export interface Registry<Key extends object, Parts> {
  add(key: Key, parts: Parts): void;
  remove(key: Key): void;
  /**
   * The one for a key; without a key, the only one.
   *
   * @throws ConfigurationError `ERR_NOT_MOUNTED` if there is no match, or more than one without a key to choose by.
   */
  pick(key: Key | undefined): Parts;
}

/** `howToChoose` completes the sentence "expected one byoSession() in this process, found 2; …". */
export function createRegistry<Key extends object, Parts>(howToChoose: string): Registry<Key, Parts> {
  const all = new Map<Key, Parts>();
  return {
    add: (key, parts) => void all.set(key, parts),
    remove: (key) => void all.delete(key),
    pick(key) {
      const [only, ...others] = key ? [all.get(key)] : all.values();
      if (only && others.length === 0) return only;
      throw new ConfigurationError(
        "ERR_NOT_MOUNTED",
        `authenticateUpgrade(): expected one byoSession() in this process, found ${all.size}; ${howToChoose}`,
      );
    },
  };
}
