/** Computes a value once per object, and keeps it as long as the object lives. */
export function onceForEach<Key extends object, Made extends object | string>(make: (key: Key) => Made) {
  const known = new WeakMap<Key, Made>();
  return (key: Key): Made => {
    const made = known.get(key) ?? make(key);
    known.set(key, made);
    return made;
  };
}
