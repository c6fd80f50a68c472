import { describe, expect, it } from "vitest";
import { ConnectionStringError, readConnectionString } from "../../src/engine/connection-string.ts";

describe("readConnectionString", () => {
  it.each([
    ["postgres://db/byo", [{ host: "db" }]],
    ["postgresql://db:5433/byo", [{ host: "db", port: 5433 }]],
    ["postgres://a,b:6432,c/byo", [{ host: "a" }, { host: "b", port: 6432 }, { host: "c" }]],
    ["postgres://[::1]:5433,[2001:db8::1]/byo", [{ host: "::1", port: 5433 }, { host: "2001:db8::1" }]],
    [
      "postgres:///byo?host=a,b&port=1,2",
      [
        { host: "a", port: 1 },
        { host: "b", port: 2 },
      ],
    ],
    [
      "postgres:///byo?host=a,b&port=7",
      [
        { host: "a", port: 7 },
        { host: "b", port: 7 },
      ],
    ],
    ["postgres://%2Fvar%2Frun%2Fpostgresql:5433/byo", [{ host: "/var/run/postgresql", port: 5433 }]],
    ["postgres:///byo?host=/tmp", [{ host: "/tmp" }]],
    ["postgres:///byo", [{}]],
  ])("finds the servers of %s", (text, servers) => {
    expect(readConnectionString(text)).toMatchObject({ servers, database: "byo" });
  });

  it.each(["a#b", "a/b", "a?b", "a@b", "a:b", "p#/?@:w", "a?b=c", "50%off", "per%zz", "ä ö", "[x]", "&=+"])(
    "takes the password %s as it stands",
    (password) => {
      const read = readConnectionString(`postgres://me:${password}@db:5433/byo?sslmode=disable`);
      expect(read).toMatchObject({ user: "me", password, servers: [{ host: "db", port: 5433 }], database: "byo" });
    },
  );

  it.each(["a#b", "a/b", "a%41b", "%", "ä@:?"])("takes the encoded password %s", (password) => {
    expect(readConnectionString(`postgres://me:${encodeURIComponent(password)}@db/byo`)).toMatchObject({ password });
  });

  it.each([
    ["", undefined],
    ["?sslmode=disable", "disable"],
    ["?ssl=true", "verify-full"],
    ["?sslmode=prefer", "require"],
    ["?sslmode=allow", "require"],
    ["?sslrootcert=/ca.pem", "verify-full"],
    ["?sslmode=verify-ca&sslrootcert=/ca.pem", "verify-ca"],
  ])("reads how %s secures connections", (query, sslMode) => {
    expect(readConnectionString(`postgres://db/byo${query}`).sslMode).toBe(sslMode);
  });

  it.each([
    ["mysql://db/byo", "expected a connection string"],
    ["postgres://db:port/byo", "expected a host"],
    ["postgres://db:99999/byo", "expected a port"],
    ["postgres://u:p@db x/byo", "a host name contains a character"],
    ["postgres://u:%E4@db/byo", "the password contains a % that begins no encoded character; write it as %25"],
    ["postgres://db/byo?sslmode=on", "sslmode=on is not known"],
    ["postgres://db/byo?sslmode=verify-ca", "needs sslrootcert"],
    ["postgres://db/byo?sslcert=/c.pem", "expected sslcert and sslkey together"],
    ["postgres://db/byo?ssl_mode=require", "the parameter ssl_mode is not known"],
    ["postgres://db/byo?target_session_attrs=standby", "leads to a server that refuses writes"],
  ])("refuses %s, without its password", (text, message) => {
    expect(() => readConnectionString(text)).toThrow(ConnectionStringError);
    expect(() => readConnectionString(text)).toThrow(message);
  });
});
