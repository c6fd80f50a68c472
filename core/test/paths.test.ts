import { describe, expect, it } from "vitest";
import {
  type Addressed,
  isPageAt,
  publicFormOf,
  publicPathOf,
  publicRoutesOf,
  returnToOf,
} from "../src/paths/paths.ts";
import { publicAddress } from "../src/paths/sendable.ts";

interface Place {
  target: string;
  routedTarget?: string;
  basePath?: string;
  publicUrl?: string;
  addedPrefix?: string;
}

function addressed({ publicUrl, addedPrefix, ...view }: Place): Addressed {
  return {
    view: { method: "GET", header: () => undefined, ...view },
    publicUrl: publicUrl === undefined ? undefined : publicAddress(publicUrl),
    addedPrefix,
  };
}

const HOST = "https://example.com";

describe("a request for /me in an application", () => {
  interface Expected {
    path: string;
    returnTo?: string;
    login: string;
    routes: string;
  }

  it.each<[place: string, Place, Expected]>([
    ["at the root", { target: "/me" }, { path: "/me", login: "/login", routes: "/session" }],
    [
      "at the root, with a public address",
      { target: "/me", publicUrl: `${HOST}/` },
      { path: "/me", login: "/login", routes: "/session" },
    ],
    [
      "mounted on a path, whose public address has it",
      { target: "/shop/me", routedTarget: "/me", publicUrl: `${HOST}/shop` },
      { path: "/shop/me", login: "/shop/login", routes: "/shop/session" },
    ],
    [
      "mounted on a path, with the login of the application around it",
      { target: "/shop/me", routedTarget: "/me", publicUrl: HOST },
      { path: "/shop/me", login: "/login", routes: "/shop/session" },
    ],
    [
      "mounted on a path, without a public address",
      { target: "/shop/me", routedTarget: "/me" },
      { path: "/shop/me", login: "/login", routes: "/shop/session" },
    ],
    [
      "behind a proxy that takes a prefix away",
      { target: "/me", publicUrl: `${HOST}/shop` },
      { path: "/shop/me", login: "/shop/login", routes: "/shop/session" },
    ],
    [
      "mounted, behind a proxy that takes another prefix away",
      { target: "/shop/me", routedTarget: "/me", publicUrl: `${HOST}/outer` },
      { path: "/outer/shop/me", login: "/outer/login", routes: "/outer/shop/session" },
    ],
    [
      "mounted, behind a proxy that takes another prefix away, in whole",
      { target: "/shop/me", routedTarget: "/me", publicUrl: `${HOST}/outer/shop` },
      { path: "/outer/shop/me", login: "/outer/shop/login", routes: "/outer/shop/session" },
    ],
    [
      "behind a proxy that adds a prefix, which it is mounted on",
      { target: "/in/me", routedTarget: "/me", publicUrl: HOST, addedPrefix: "/in" },
      { path: "/me", login: "/login", routes: "/session" },
    ],
    [
      "behind a proxy that replaces a prefix",
      { target: "/in/me", routedTarget: "/me", publicUrl: `${HOST}/shop`, addedPrefix: "/in" },
      { path: "/shop/me", login: "/shop/login", routes: "/shop/session" },
    ],
    [
      "mounted, behind a proxy that adds a prefix to the mount",
      { target: "/in/shop/me", routedTarget: "/me", publicUrl: `${HOST}/shop`, addedPrefix: "/in" },
      { path: "/shop/me", login: "/shop/login", routes: "/shop/session" },
    ],
    [
      "reached past the proxy that adds a prefix",
      { target: "/me", publicUrl: HOST, addedPrefix: "/in" },
      { path: "/me", login: "/login", routes: "/session" },
    ],
    [
      "whose host adds a base path itself",
      { target: "/shop/me", routedTarget: "/me", basePath: "/shop", publicUrl: HOST },
      { path: "/shop/me", returnTo: "/me", login: "/shop/login", routes: "/shop/session" },
    ],
    [
      "whose host adds a base path itself, which the public address has too",
      { target: "/shop/me", routedTarget: "/me", basePath: "/shop", publicUrl: `${HOST}/shop` },
      { path: "/shop/me", returnTo: "/me", login: "/shop/login", routes: "/shop/session" },
    ],
    [
      "with a base path and a language, which the routes do not have",
      { target: "/shop/fr/me", routedTarget: "/me", basePath: "/shop" },
      { path: "/shop/fr/me", returnTo: "/me", login: "/shop/login", routes: "/shop/fr/session" },
    ],
    [
      "that has no base path, behind a proxy that takes a prefix away",
      { target: "/me", basePath: "", publicUrl: `${HOST}/shop` },
      { path: "/shop/me", login: "/shop/login", routes: "/shop/session" },
    ],
    [
      "whose name only begins like the prefix",
      { target: "/shopping/me", publicUrl: HOST, addedPrefix: "/shop" },
      { path: "/shopping/me", login: "/login", routes: "/session" },
    ],
  ])("%s", (_place, place, { path, returnTo = path, login, routes }) => {
    const one = addressed(place);
    expect(publicPathOf(one)).toBe(path);
    expect(returnToOf(one)).toBe(returnTo);
    const asked = { ...place, target: `${place.target}?a=/b`, ...(place.routedTarget && { routedTarget: "/me?a=/b" }) };
    expect(returnToOf(addressed(asked))).toBe(`${returnTo}?a=/b`);
    expect(publicFormOf(one, "/login")).toBe(login);
    expect(publicRoutesOf(one, "/session")).toBe(routes);
  });

  it("whose options have the whole path, as browsers see it", () => {
    const one = addressed({ target: "/shop/me", routedTarget: "/me", publicUrl: `${HOST}/shop` });
    expect([publicFormOf(one, "/shop/login?a=b"), publicRoutesOf(one, "/shop/session")]).toEqual([
      "/shop/login?a=b",
      "/shop/session",
    ]);
    expect(publicFormOf(one, "https://id.example/login")).toBe("https://id.example/login");
  });
});

describe("the root of an application", () => {
  it.each<[Place, path: string, returnTo: string]>([
    [{ target: "/shop", routedTarget: "/", publicUrl: HOST }, "/shop", "/shop"],
    [{ target: "/shop?a", routedTarget: "/?a", publicUrl: `${HOST}/shop` }, "/shop", "/shop?a"],
    [{ target: "/", publicUrl: `${HOST}/shop` }, "/shop/", "/shop/"],
    [{ target: "/in?a", routedTarget: "/?a", publicUrl: HOST, addedPrefix: "/in" }, "/", "/?a"],
    [{ target: "/shop", routedTarget: "/", basePath: "/shop" }, "/shop", "/"],
  ])("%j", (place, path, returnTo) => {
    expect([publicPathOf(addressed(place)), returnToOf(addressed(place))]).toEqual([path, returnTo]);
  });
});

it.each(["//evil.example/a", "/\\evil.example", "http://evil.example/a", "/..//evil.example", "*"])(
  "%s never leads a user off the site",
  (target) => {
    for (const publicUrl of [HOST, `${HOST}/shop`]) {
      expect(URL.parse(returnToOf(addressed({ target, publicUrl })), HOST)?.origin).toBe(HOST);
    }
  },
);

describe("the login page", () => {
  const at = (target: string, publicUrl = `${HOST}/app`) => addressed({ target, publicUrl });

  it.each([
    ["/login", "/login?returnTo=/"],
    ["/login?lang=en", "/login"],
    ["/login", "/login/"],
    ["/app/login", "/login"],
    ["https://example.com/app/login", "/login"],
  ])("%s names %s", (address, target) => expect(isPageAt(at(target), address)).toBe(true));

  it.each([
    ["/login", "/account"],
    ["/login", "/login/more"],
    ["https://id.example.net/login", "/login"],
    ["https://id.example.net/", "/"],
    ["//id.example.net/login", "/login"],
    ["/\\id.example.net/login", "/login"],
    ["login", "/"],
  ])("%s does not name %s", (address, target) => expect(isPageAt(at(target), address)).toBe(false));

  it("is known only by its path without a public address", () => {
    const one = addressed({ target: "/login" });
    expect([isPageAt(one, "https://example.com/login"), isPageAt(one, "/login")]).toEqual([false, true]);
  });

  it("is known where it is mounted, and by its language", () => {
    expect(
      isPageAt(addressed({ target: "/shop/login", routedTarget: "/login", publicUrl: `${HOST}/shop` }), "/login"),
    ).toBe(true);
    expect(isPageAt(addressed({ target: "/shop/fr/login", routedTarget: "/login", basePath: "/shop" }), "/login")).toBe(
      true,
    );
  });
});
