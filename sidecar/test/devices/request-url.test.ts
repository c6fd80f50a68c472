import { describe, expect, it } from "vitest";
import { isSameRequestUrl } from "../../src/engine/devices/request-url.ts";

const REQUEST = "https://app.example.com/api/~ann/notes";

describe("htu names the request's URL", () => {
  it.each([
    [REQUEST, REQUEST],
    [`${REQUEST}?page=2#top`, REQUEST],
    [REQUEST, `${REQUEST}?page=2`],
    ["https://app.example.com:443/api/~ann/notes", REQUEST],
    ["HTTPS://APP.Example.COM/api/~ann/notes", REQUEST],
    ["https://app.example.com/api/%7Eann/notes", REQUEST],
    ["https://app.example.com/api/%7eann/n%6ftes", REQUEST],
    ["https://app.example.com/api/x/../~ann/./notes", REQUEST],
    ["https://app.example.com/api/%2e%2e/api/~ann/notes", REQUEST],
    ["https://app.example.com/a%2fb", "https://app.example.com/a%2Fb"],
    ["https://app.example.com", "https://app.example.com/"],
    ["https://b\u00fccher.example/\u00fc", "https://xn--bcher-kva.example/%C3%BC"],
    ["http://[::1]:3000/x", "http://[0:0:0:0:0:0:0:1]:3000/x"],
  ])("%s is %s", (htu, requestUrl) => {
    expect(isSameRequestUrl(htu, requestUrl)).toBe(true);
  });

  it.each([
    ["http://app.example.com/api/~ann/notes", REQUEST],
    ["https://app.example.com:8443/api/~ann/notes", REQUEST],
    ["https://app.example.com./api/~ann/notes", REQUEST],
    ["https://evil.example/api/~ann/notes", REQUEST],
    ["https://app.example.com.evil.example/api/~ann/notes", REQUEST],
    ["https://app.example.com/API/~ann/notes", REQUEST],
    ["https://app.example.com/api/~ann/notes/", REQUEST],
    ["https://app.example.com//api/~ann/notes", REQUEST],
    ["https://app.example.com/api%2F~ann/notes", REQUEST],
    ["https://app.example.com/api/%257Eann/notes", REQUEST],
    ["https://ann@app.example.com/api/~ann/notes", REQUEST],
    ["https://:pw@app.example.com/api/~ann/notes", REQUEST],
    ["https://app.example.com@evil.example/api/~ann/notes", REQUEST],
    ["/api/~ann/notes", REQUEST],
    ["//app.example.com/api/~ann/notes", REQUEST],
    ["https://", REQUEST],
    ["blob:https://app.example.com/api/~ann/notes", REQUEST],
    ["data:text/plain,x", "data:text/plain,x"],
    ["", ""],
    ["not a url", "not a url"],
    [REQUEST, "https://ann@app.example.com/api/~ann/notes"],
  ])("%s is not %s", (htu, requestUrl) => {
    expect(isSameRequestUrl(htu, requestUrl)).toBe(false);
  });
});
