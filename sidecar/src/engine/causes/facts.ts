/** What an error and its causes say about why something failed. */
export interface Facts {
  /** The names of the errors, from the outermost to the innermost. */
  names: readonly string[];
  /** The innermost code: an SQLSTATE, or the system's or OpenSSL's. */
  code: string;
  /** All messages, and the innermost one. */
  messages: readonly string[];
  message: string;
  /** Where a connection led, if the system said so. */
  address: string;
}

/** The errors from the outermost to the innermost; of several tries to connect, the last one. */
function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error && chain.length < 8; ) {
    chain.push(at);
    at = at instanceof AggregateError ? at.errors.at(-1) : at.cause;
  }
  return chain;
}

export function factsOf(error: unknown): Facts {
  const chain = chainOf(error);
  const latest = (name: string) =>
    chain.map((each) => Reflect.get(each, name)).findLast((value) => value !== undefined);
  const [host, port] = [latest("address") ?? latest("hostname"), latest("port")];
  return {
    names: chain.map(({ name }) => name),
    code: String(latest("code") ?? ""),
    messages: chain.map(({ message }) => message),
    message: chain.at(-1)?.message ?? String(error),
    address: host === undefined ? "" : [host, port].filter((part) => part !== undefined).join(":"),
  };
}
