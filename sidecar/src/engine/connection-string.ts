/** Where a Postgres server listens. A host that begins with a slash is the folder of its Unix socket. */
export interface ServerAddress {
  host?: string;
  port?: number;
}

const SSL_MODES = ["disable", "no-verify", "require", "verify-ca", "verify-full"] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** What a connection string says. What it leaves out comes from the variables of Postgres, such as PGPASSWORD. */
export interface ConnectionSettings {
  /** At least one; they are tried in turn until one accepts writes. */
  servers: readonly ServerAddress[];
  user?: string;
  password?: string;
  database?: string;
  /** Undefined: nothing was said, and connections are not encrypted. */
  sslMode?: SslMode;
  sslRootCert?: string;
  sslCert?: string;
  sslKey?: string;
  channelBinding: boolean;
  options?: string;
  applicationName?: string;
}

/** The connection string cannot be used. The message says what is wrong, and shows no part that may be secret. */
export class ConnectionStringError extends Error {
  override readonly name = "ConnectionStringError";
}

/** Parameters that need no action here: our limits are fixed, and sockets are kept alive anyway. */
const WITHOUT_EFFECT = ["connect_timeout", "gssencmode", "keepalives", "keepalives_idle"];
const KNOWN = [
  ...["sslmode", "ssl", "sslrootcert", "sslcert", "sslkey", "channel_binding", "target_session_attrs"],
  ...["application_name", "options", "host", "port", "user", "password", "dbname"],
  ...WITHOUT_EFFECT,
];

/** The parameters: only what looks like them, because a password may contain a question mark. They have @ as %40. */
const PARAMETERS = /\?(\w+=[^&@]*(?:&\w+=[^&@]*)*)$/;
/** The password reaches to the last @, so it may contain any character, also those that end it in a URL. */
const PARTS = /^postgres(?:ql)?:\/\/(?:([\s\S]*)@)?([^/@]*)(?:\/([^/@]*))?$/;

/**
 * Reads `postgresql://user:password@host:port,host2:port2/database?parameters`, as libpq does. In a password, `#`, `/`,
 * `@`, `:` and `?` may stand as they are, and a percent sign begins an encoded character only before two hexadecimal
 * digits.
 */
export function readConnectionString(text: string): ConnectionSettings {
  const [, query = ""] = PARAMETERS.exec(text) ?? [];
  const address = query === "" ? text.replace(/\?$/, "") : text.slice(0, -query.length - 1);
  const [, userInfo = "", hosts = "", database = ""] =
    PARTS.exec(address) ??
    refuse(
      "expected a connection string such as postgresql://user:password@host:5432/database; leave it unset for the embedded database",
    );
  const parameters = readParameters(query);
  const [, user = "", password] = /^([^:]*)(?::([\s\S]*))?$/.exec(userInfo) ?? [];
  return {
    servers: readServers(parameters.host ?? hosts, parameters.port),
    user: (parameters.user ?? decoded(user, "user")) || undefined,
    password: (parameters.password ?? decoded(password ?? "", "password")) || undefined,
    database: (parameters.dbname ?? decoded(database, "database")) || undefined,
    ...readSecurity(parameters),
    options: parameters.options,
    applicationName: parameters.application_name,
  };
}

/** The connection string with this sslmode, unless it says one itself. */
export function withDefaultSslMode(text: string, sslMode: string): string {
  if (readConnectionString(text).sslMode !== undefined) return text;
  return `${text}${PARAMETERS.test(text) ? "&" : "?"}sslmode=${sslMode}`;
}

function readParameters(query: string): Partial<Record<string, string>> {
  const parameters: Partial<Record<string, string>> = {};
  for (const [name, value] of new URLSearchParams(query.replaceAll("+", "%2B"))) {
    if (!KNOWN.includes(name)) refuse(`the parameter ${name} is not known; expected one of ${KNOWN.join(", ")}`);
    if (value !== "") parameters[name] = value;
  }
  const target = parameters.target_session_attrs ?? "read-write";
  if (!["any", "read-write", "primary"].includes(target)) {
    refuse(`target_session_attrs=${target} leads to a server that refuses writes; expected read-write`);
  }
  return parameters;
}

function readSecurity(parameters: Partial<Record<string, string>>) {
  const { ssl, sslrootcert, sslcert, sslkey, channel_binding } = parameters;
  const fromSsl = ssl === undefined ? undefined : /^(true|1)$/.test(ssl) ? "verify-full" : "disable";
  // "prefer" and "allow" fall back to plaintext for anyone who breaks the handshake, so they count as "require".
  const sslMode = parameters.sslmode?.replace(/^(prefer|allow)$/, "require") ?? fromSsl;
  const known = SSL_MODES.find((mode) => mode === sslMode);
  if (sslMode !== undefined && !known)
    refuse(`sslmode=${sslMode} is not known; expected one of ${SSL_MODES.join(", ")}`);
  if ((sslcert === undefined) !== (sslkey === undefined)) refuse("expected sslcert and sslkey together");
  if (known === "verify-ca" && !sslrootcert) refuse("sslmode=verify-ca needs sslrootcert; or use verify-full");
  const isImplied = known === undefined && (sslrootcert !== undefined || sslcert !== undefined);
  return {
    sslMode: isImplied ? ("verify-full" as const) : known,
    sslRootCert: sslrootcert === "system" ? undefined : sslrootcert,
    sslCert: sslcert,
    sslKey: sslkey,
    channelBinding: channel_binding === "require" || channel_binding === "prefer",
  };
}

function readServers(hosts: string, ports: string | undefined): ServerAddress[] {
  const listed = ports?.split(",") ?? [];
  return hosts.split(",").map((text, at) => {
    const [, inBrackets, name, port] =
      /^(?:\[([^\]]*)\]|((?:\/|%2f)[^:]*|[^:[\]]*))(?::(\d*))?$/i.exec(text) ??
      refuse("expected a host, or several with commas between, each with :port if it is not 5432");
    const host = decoded(inBrackets ?? name ?? "", "host");
    if (/[\s#?\\]/.test(host)) refuse("a host name contains a character that is not allowed in one");
    const number = Number(port || listed[at] || listed[0] || 0);
    if (!(number >= 0 && number <= 65_535)) refuse("expected a port from 1 to 65535");
    return { host: host || undefined, port: number || undefined };
  });
}

function decoded(text: string, part: string): string {
  try {
    return text.replace(/(?:%[\da-f]{2})+/gi, (encoded) => decodeURIComponent(encoded));
  } catch {
    return refuse(`the ${part} contains a % that begins no encoded character; write it as %25`);
  }
}

function refuse(problem: string): never {
  throw new ConnectionStringError(problem);
}
