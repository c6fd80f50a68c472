import { existsSync } from "node:fs";
import { run } from "./processes.mjs";

const INSTALLED_AT = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser tests need a Chromium. Installs it if that needs no confirmation, and otherwise says what to do. */
export function ensureChromium() {
  const chosen = process.env.CHROME_PATH;
  if (chosen !== undefined) {
    if (!existsSync(chosen)) throw new Error(`CHROME_PATH is ${chosen}, but there is no such file.`);
    return;
  }
  if (INSTALLED_AT.some((path) => existsSync(path))) return;
  const isRootOnDebian = process.getuid?.() === 0 && existsSync("/etc/debian_version");
  if (!isRootOnDebian) {
    throw new Error(
      "The browser tests need Chromium or Chrome. Install it (on Debian or Ubuntu: sudo apt-get install chromium), " +
        "or set the path to yours: CHROME_PATH=/path/to/chrome npm test",
    );
  }
  console.log("Installing Chromium for the browser tests");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  run("apt-get", ["update", "-qq"], { env });
  run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], { env });
}
