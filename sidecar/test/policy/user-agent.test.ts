import { describe, expect, it } from "vitest";
import { compareUserAgents, describeDevice } from "../../src/engine/policy/user-agent.ts";

const chrome = (major: number, system = "Macintosh; Intel Mac OS X 10_15_7", mobile = "") =>
  `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 ${mobile}Safari/537.36`;
const edge = (major: number) => `${chrome(major)} Edg/${major}.0.0.0`;
const firefox = (major: number, system = "Macintosh; Intel Mac OS X 10.15") =>
  `Mozilla/5.0 (${system}; rv:${major}.0) Gecko/20100101 Firefox/${major}.0`;
const WINDOWS = "Windows NT 10.0; Win64; x64";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";
const IPAD =
  "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";
const MAC_SAFARI =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15";

describe("describeDevice", () => {
  it.each([
    [chrome(130), "Chrome 130 on macOS", "Desktop"],
    [chrome(130, WINDOWS), "Chrome 130 on Windows", "Desktop"],
    [chrome(130, "X11; Linux x86_64"), "Chrome 130 on Linux", "Desktop"],
    [chrome(130, "X11; CrOS x86_64 14541.0.0"), "Chrome 130 on Chrome OS", "Desktop"],
    [chrome(130, "Linux; Android 10; K", "Mobile "), "Chrome 130 on Android", "Mobile"],
    [chrome(130, "Linux; Android 10; K"), "Chrome 130 on Android", "Tablet"],
    [edge(130), "Microsoft Edge 130 on macOS", "Desktop"],
    [firefox(131, WINDOWS), "Firefox 131 on Windows", "Desktop"],
    [firefox(131, "X11; FreeBSD amd64"), "Firefox 131", "Unknown"],
    [IPHONE, "Safari 18 on iOS", "Mobile"],
    [IPAD, "Safari 18 on iOS", "Tablet"],
    ["MyApp/3.2.1 (iPhone; iOS 17.2; Scale/3.00)", "MyApp 3 on iOS", "Mobile"],
    ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot 2", "Unknown"],
    ["(X11; Linux)", "Unknown browser on Linux", "Desktop"],
    ["curl/8.5.0", "Unknown device", "Unknown"],
    ["Mozilla/5.0", "Unknown device", "Unknown"],
    ["", "Unknown device", "Unknown"],
    [" ", "Unknown device", "Unknown"],
    [undefined, "Unknown device", "Unknown"],
  ])("%s", (userAgent, displayName, deviceType) =>
    expect(describeDevice(userAgent)).toMatchObject({ displayName, deviceType }),
  );

  it("gives all that it knows", () => {
    expect(describeDevice(IPHONE)).toEqual({
      displayName: "Safari 18 on iOS",
      deviceType: "Mobile",
      browser: "Safari",
      browserVersion: "18.1",
      os: "iOS",
      osVersion: "18.1",
    });
    expect(describeDevice(chrome(130, WINDOWS))).toMatchObject({ os: "Windows", osVersion: "10" });
  });

  it("leaves out what it does not know", () => {
    expect(describeDevice(undefined)).toEqual({ displayName: "Unknown device", deviceType: "Unknown" });
    expect(Object.keys(describeDevice("(X11; Linux)"))).toEqual(["displayName", "deviceType", "os"]);
  });

  it("takes no name that could mislead on a screen or in a log", () => {
    for (const name of ["\u001b[31mred", "<img src=x>", "a\nb", "x".repeat(60), "\u202edecorrob"]) {
      expect(describeDevice(`${name}/1.0 (Windows NT 10.0)`).browser, name).toBeUndefined();
    }
  });
});

describe("compareUserAgents", () => {
  const app = (version: string) => `MyApp/${version} (iPhone; iOS 17.2; Scale/3.00)`;
  it.each([
    ["the same text", chrome(130), chrome(130), "same"],
    ["an upgrade", chrome(130), chrome(131), "upgraded"],
    ["a large upgrade", chrome(99), chrome(131), "upgraded"],
    ["a minor upgrade", chrome(130), chrome(130).replace("130.0.0.0", "130.0.6723.70"), "same"],
    ["a minor version down", chrome(130).replace("130.0.0.0", "130.0.6723.70"), chrome(130), "same"],
    ["a major version down", chrome(131), chrome(130), "changed"],
    ["a downgrade to fewer digits", chrome(100), chrome(99), "changed"],
    ["another browser", chrome(130), firefox(131), "changed"],
    ["another browser of the same family", chrome(130), edge(130), "changed"],
    ["another operating system", chrome(130), chrome(130, WINDOWS), "changed"],
    ["an upgrade with another operating system", chrome(130), chrome(131, WINDOWS), "changed"],
    ["another kind of device", IPHONE, IPAD, "changed"],
    ["a tablet that asks for the desktop site", IPAD, MAC_SAFARI, "changed"],
    ["an upgrade of the operating system", IPHONE, IPHONE.replace("18_1", "18_2"), "same"],
    [
      // What browsers did when they froze the version.
      "a lower version of the operating system",
      chrome(109, "Linux; Android 13; Pixel 7", "Mobile "),
      chrome(110, "Linux; Android 10; K", "Mobile "),
      "upgraded",
    ],
    [
      "an upgrade on a system without a known name",
      firefox(131, "X11; FreeBSD amd64"),
      firefox(132, "X11; FreeBSD amd64"),
      "upgraded",
    ],
    ["an app's upgrade", app("3.2.1"), app("4.0.0"), "upgraded"],
    ["a version that is gone", chrome(130), chrome(130).replace("Chrome/130.0.0.0", "Chrome"), "changed"],
    ["the same text that cannot be parsed", "curl/8.5.0", "curl/8.5.0", "same"],
    ["an upgrade that cannot be parsed", "curl/8.5.0", "curl/8.6.0", "changed"],
    ["from parsable to not", chrome(130), "curl/8.5.0", "changed"],
    ["from not to parsable", "curl/8.5.0", chrome(130), "changed"],
    ["to nothing", chrome(130), "", "changed"],
    ["nothing twice", "", "", "same"],
    [
      "an upgrade beyond any real length",
      `${chrome(130)} ${"x".repeat(1024)}`,
      `${chrome(131)} ${"x".repeat(1024)}`,
      "changed",
    ],
    ["another case", "CURL/8.5.0", "curl/8.5.0", "changed"],
  ] as const)("%s", (_, stored, presented, expected) => expect(compareUserAgents(stored, presented)).toBe(expected));
});

describe("programs that fetch for the browser of their device", () => {
  const chromeOnAndroid = chrome(140, "Linux; Android 10; K", "Mobile ");
  const onWindows = chrome(140, WINDOWS);
  const desktopSite = chrome(140, "X11; Linux x86_64");

  it.each<[string, string, string]>([
    ["a video in Safari", IPHONE, "AppleCoreMedia/1.0.0.22B83 (iPhone; U; CPU OS 18_1 like Mac OS X; en_us)"],
    [
      "a video on an iPad that asks for the desktop site",
      MAC_SAFARI,
      "AppleCoreMedia/1.0.0.22B83 (iPad; U; CPU OS 18_1)",
    ],
    ["a video over AirPlay", IPHONE, "AppleCoreMedia/1.0.0.21K79 (Apple TV; U; CPU OS 17_1_1 like Mac OS X; en_us)"],
    [
      "a background download of the system",
      MAC_SAFARI,
      "com.apple.WebKit.Networking/20619 CFNetwork/1568 Darwin/24.1.0",
    ],
    ["an app around the page", IPHONE, "Shop/7 CFNetwork/1568.200.51 Darwin/24.1.0"],
    ["QuickTime", MAC_SAFARI, "QuickTime/7.7.3 (qtver=7.7.3;os=Mac 10.8.3)"],
    ["ExoPlayer", chromeOnAndroid, "Shop/1.0 (Linux;Android 13) ExoPlayerLib/2.19.1"],
    ["Media3", chromeOnAndroid, "Shop/2.0 (Linux;Android 14) AndroidXMedia3/1.4.1"],
    ["stagefright, beside a desktop site", desktopSite, "stagefright/1.2 (Linux;Android 9)"],
    ["Android's own player", chromeOnAndroid, "Dalvik/2.1.0 (Linux; U; Android 13; Pixel 7 Build/TQ3A)"],
    ["Android's downloads", chromeOnAndroid, "AndroidDownloadManager/13 (Linux; U; Android 13; Pixel 7)"],
    ["BITS", onWindows, "Microsoft BITS/7.8"],
    [
      "a link that Office follows",
      onWindows,
      "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Excel 16.0.17830; Pro)",
    ],
    ["Windows Media Player", onWindows, "NSPlayer/12.00.26100.1882 WMFSDK/12.00.26100.1882"],
    ["VLC", onWindows, "VLC/3.0.21 LibVLC/3.0.21"],
    ["FFmpeg's library", chrome(140), "Lavf/60.16.100"],
    ["mpv", desktopSite, "mpv 0.38.0"],
    ["GStreamer", desktopSite, "GStreamer souphttpsrc 1.24.2 libsoup/3.4.4"],
    ["a download manager", onWindows, "FDM/6.24"],
    ["an older library of FFmpeg", onWindows, "Lavf53.32.100"],
    ["the HTTP of an app on Android", chromeOnAndroid, "okhttp/4.12.0"],
    ["a player for Apple's systems", IPHONE, "Infuse/8.0.6 (iPhone; iOS 18.1)"],
    ["aria2", desktopSite, "aria2/1.37.0"],
  ])("%s", (_, stored, presented) => expect(compareUserAgents(stored, presented)).toBe("companion"));

  it.each<[string, string, string]>([
    ["of another system", onWindows, "AppleCoreMedia/1.0.0.22B83 (iPhone; U; CPU OS 18_1 like Mac OS X; en_us)"],
    ["of another system that only its name tells", IPHONE, "Microsoft BITS/7.8"],
    ["of another system, beside Windows", onWindows, "stagefright/1.2 (Linux;Android 9)"],
    ["a name that only begins like one", chrome(140), "mpvish/1.0"],
    ["a tool for people", chrome(140), "curl/8.5.0"],
    ["a library for programs", chrome(140), "python-requests/2.32.3"],
    ["an older version of a program that has logged in itself", "VLC/3.0.20 LibVLC/3.0.20", "VLC/2.2.8 LibVLC/2.2.8"],
  ])("not %s", (_, stored, presented) => expect(compareUserAgents(stored, presented)).toBe("changed"));
});

describe("a hostile user agent", () => {
  const fill = (unit: string, length: number) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
  const units = [
    "1",
    "1.",
    "a",
    " ",
    "(",
    "/",
    "a/1 ",
    "/1 (",
    "Version/1",
    "Macintosh FxiOS",
    "Mac OS X 1_",
    "Mac OS X ",
    "Chrome/",
    "Safari/",
    "Opt/1_",
    "opr/ ",
    "nexus ",
    "yahoo /",
    "tablet ",
    "windows ",
    "Ddg/1",
    "android ",
    "(Windows NT 10.0) ",
    "\n",
    "\u{1f600}",
    "x/\t(",
  ];

  it.each([1024, 4 * 1024, 64 * 1024])("of %i characters costs under 50 ms", (length) => {
    for (const unit of units) {
      for (const prefix of ["", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/", "Chrome/"]) {
        const costs = [1, 2, 3].map((attempt) => {
          // An ending of its own, so that no attempt finds the last one's result.
          const userAgent = prefix + fill(unit, length - prefix.length - 1) + attempt;
          const started = performance.now();
          describeDevice(userAgent);
          compareUserAgents(chrome(130), userAgent);
          return performance.now() - started;
        });
        // The best of three: other processes may have taken the processor away.
        expect(Math.min(...costs), JSON.stringify([prefix, unit])).toBeLessThan(50);
      }
    }
  });
});
