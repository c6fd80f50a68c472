import { describe, expect, test } from "vitest";
import { isOriginOf, isOriginOfHost, isSerializedOrigin } from "../src/origin/origin.ts";

describe("origins as they come in the header", () => {
  test.each([
    "https://admin.example",
    "https://admin.example:8443",
    "http://localhost:3000",
    "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
    "moz-extension://7f1c3a52-9ae0-4b0b-8e3f-1f0a2b3c4d5e",
    "safari-web-extension://E5F6A7B8-9C0D-4E1F-8A2B-3C4D5E6F7A8B",
    "capacitor://localhost",
    "ionic://localhost",
    "tauri://localhost",
    "app://-",
    "app://obsidian.md",
    "vscode-webview://1kl3v0q8",
    "com.example.app://localhost",
  ])("%s", (text) => expect(isSerializedOrigin(text)).toBe(true));

  test.each([
    ["a wildcard", "*"],
    ["a wildcard in a name", "https://*.example.com"],
    ["every extension", "chrome-extension://*"],
    ["an extension without its name", "chrome-extension://"],
    ["the origin of nobody", "null"],
    ["a slash at its end", "https://admin.example/"],
    ["a path", "capacitor://localhost/index.html"],
    ["a query", "app://-?x"],
    ["a user", "app://user@localhost"],
    ["a default port", "https://admin.example:443"],
    ["capital letters in a host that has none", "https://Admin.example"],
    ["capital letters in a scheme", "Capacitor://localhost"],
    ["all files of a machine", "file://"],
    ["a host of files", "file://server"],
    ["what no page is loaded by", "wss://admin.example"],
    ["a script", "javascript://admin.example"],
    ["two", "https://a.example https://b.example"],
    ["no text", ""],
  ])("not %s", (_case, text) => expect(isSerializedOrigin(text)).toBe(false));
});

describe("the app's own origin by the Host", () => {
  test.each([
    ["https://app.example", "app.example"],
    ["https://app.example", "APP.Example"],
    ["https://app.example", "app.example:443"],
    ["http://app.example", "app.example:80"],
    ["https://app.example", "app.example:80"],
    ["https://app.example", "app.example."],
    ["https://app.example.", "app.example"],
    ["https://app.example.", "app.example.:443"],
    ["https://app.example:8443", "app.example:8443"],
    ["http://[2001:db8::1]:3000", "[2001:DB8::1]:3000"],
    ["https://xn--mnchen-3ya.example", "xn--mnchen-3ya.example:443"],
  ])("%s at %s", (origin, host) => expect(isOriginOfHost(origin, host)).toBe(true));

  test.each([
    ["https://app.example", "app.example:8443"],
    ["https://app.example:8443", "app.example"],
    ["https://app.example:444", "app.example:443"],
    ["https://evil.example", "app.example"],
    ["https://app.example.evil.example", "app.example"],
    ["capacitor://app.example", "app.example"],
    ["null", "app.example"],
    ["null", "null"],
    ["://", "app.example"],
    ["https://evil.example", "evil.example/@app.example"],
    ["https://evil.example", "app.example@evil.example"],
    ["https://app.example", ""],
  ])("not %s at %s", (origin, host) => expect(isOriginOfHost(origin, host)).toBe(false));
});

test("the app's own origin by the public address: its port may be written out, its scheme counts", () => {
  expect(isOriginOf("https://app.example", "https://app.example:443/base")).toBe(true);
  expect(isOriginOf("https://app.example.", "https://APP.example")).toBe(true);
  expect(isOriginOf("http://app.example", "https://app.example")).toBe(false);
  expect(isOriginOf("https://app.example:8443", "https://app.example")).toBe(false);
  expect(isOriginOf("app://app.example", "https://app.example")).toBe(false);
});
