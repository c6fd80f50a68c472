import { expect, it } from "vitest";
import { isAddressOf } from "../src/device-page/answer.ts";

const PUBLIC = "https://example.com/app";

it.each([
  ["/login", "/login?returnTo=/"],
  ["/login?lang=en", "/login"],
  ["/app/login", "/login"],
  ["https://example.com/app/login", "/login"],
  ["/login", "/login/?a=1"],
  ["/login/", "/login"],
])("%s names %s", (address, target) => expect(isAddressOf(address, target, PUBLIC)).toBe(true));

it.each([
  ["/login", "/account"],
  ["https://id.example.net/login", "/login"],
  ["https://id.example.net/", "/"],
  ["//id.example.net/login", "/login"],
  ["/\\id.example.net/login", "/login"],
  ["login", "/"],
])("%s does not name %s", (address, target) => expect(isAddressOf(address, target, PUBLIC)).toBe(false));

it("knows no address of another form without a public one", () => {
  expect(isAddressOf("https://example.com/login", "/login", "")).toBe(false);
  expect(isAddressOf("/login", "/login", "")).toBe(true);
});
