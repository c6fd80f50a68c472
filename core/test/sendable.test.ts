import { describe, expect, test } from "vitest";
import { createRefusals } from "../src/answers/refusals.ts";
import { devicePageResponse } from "../src/device-page/page.ts";
import { resolveOptions } from "../src/settings/settings.ts";

const CONNECTED = { url: "http://127.0.0.1:2884", integrationKey: "api_key_of_the_test" };
const settings = (options: object) => resolveOptions<unknown>({ ...CONNECTED, ...options }, {});

describe("addresses among the options are stored in a form that headers can carry", () => {
  test.each([
    ["/login", "/login"],
    ["/sign-in?from=guard", "/sign-in?from=guard"],
    ["/ログイン", "/%E3%83%AD%E3%82%B0%E3%82%A4%E3%83%B3"],
    ["/already/%E3%83%AD", "/already/%E3%83%AD"],
    ["/with space", "/with%20space"],
    ["/a\r\nSet-Cookie: b=c", "/a%0D%0ASet-Cookie:%20b=c"],
    ["/half \ud800 a character", "/half%20%EF%BF%BD%20a%20character"],
    ["https://ログイン.example/ö", "https://xn--eckxa6p0a.example/%C3%B6"],
    ["https://login.example?app=1", "https://login.example/?app=1"],
  ])("loginUrl %j", (given, kept) => {
    const { loginUrl } = settings({ loginUrl: given });
    expect(loginUrl).toBe(kept);
  });

  test.each(["login", "//evil.example", "/\\evil.example", "javascript:alert(1)", "mailto:a@example.com", ""])(
    "loginUrl %j is refused",
    (loginUrl) => {
      expect(() => settings({ loginUrl })).toThrow(
        /`loginUrl`: expected a path such as "\/login", or an http\(s\) URL/,
      );
    },
  );

  test("routes.prefix, and what could be another host", () => {
    expect(settings({ routes: { prefix: "/セッション" } }).routesPrefix).toBe(encodeURI("/セッション"));
    for (const prefix of ["//evil.example", "/\\evil.example"]) {
      expect(() => settings({ routes: { prefix } })).toThrow(/`routes/);
    }
  });

  test.each([
    ["https://bücher.example/läden/", { origin: "https://xn--bcher-kva.example", path: "/l%C3%A4den" }],
    ["https://app.example:443", { origin: "https://app.example", path: "" }],
    ["http://127.0.0.1:3000/", { origin: "http://127.0.0.1:3000", path: "" }],
  ])("publicUrl %j, and as a function's value", (given, kept) => {
    expect(settings({ publicUrl: given }).publicUrl({})).toEqual(kept);
    expect(settings({ publicUrl: () => given }).publicUrl({})).toEqual(kept);
  });

  test.each([undefined, null, 1, "", "app.example", "https://app.example/?a", "ftp://app.example", "null"])(
    "a publicUrl function that gives %j: the error says what it must return",
    (value) => {
      expect(() => settings({ publicUrl: () => value }).publicUrl({})).toThrow(/return an http\(s\) URL/);
    },
  );

  test.each([
    [{ path: "/ログイン" }, /percent-encoded/],
    [{ path: "/a;b" }, /semicolon/],
    [{ domain: "bücher.example" }, /xn--/],
    [{ name: "sitzung-ü" }, /expected a cookie name/],
    [{ previous: [{ name: "old\n" }] }, /expected a cookie name/],
  ])("cookie %j is refused", (cookie, message) => {
    expect(() => settings({ cookie })).toThrow(message);
  });
});

describe("a page of the app's own", () => {
  const page = { kind: "prove", scriptUrl: undefined, scriptData: {}, loginUrl: "/" } as const;
  const refusals = createRefusals({ challengeStatus: 425, tellReason: false });

  test.each<[string, unknown]>([
    ["a policy of two lines", { html: "", contentSecurityPolicy: "default-src 'none'\nscript-src 'self'" }],
    ["a policy that is not ASCII", { html: "", contentSecurityPolicy: "default-src ログ.example" }],
    ["no html", {}],
    ["nothing", undefined],
  ])("%s: the error says what it must return", (_what, answer) => {
    const own = () => answer;
    expect(() => Reflect.apply(devicePageResponse, undefined, [page, refusals, own])).toThrow(
      /`devicePage`: expected the function/,
    );
  });
});
