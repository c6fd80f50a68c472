import { existsSync } from "node:fs";
import { succeeds } from "./processes.mjs";

const CHROMIUM_AT = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FIREFOX_AT = ["/usr/bin/firefox-esr", "/usr/bin/firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"];
const NGINX_AT = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx", "/opt/homebrew/bin/nginx"];

/** The browser tests need a Chromium. Installs it if that needs no confirmation, and otherwise says what to do. */
export function ensureChromium() {
  const chosen = process.env.CHROME_PATH;
  if (chosen !== undefined) {
    if (!existsSync(chosen)) throw new Error(`CHROME_PATH is ${chosen}, but there is no such file.`);
    return;
  }
  ensure(
    "chromium",
    CHROMIUM_AT,
    "The browser tests need Chromium or Chrome. Install it (on Debian or Ubuntu: sudo apt-get install chromium), " +
      "or set the path to yours: CHROME_PATH=/path/to/chrome npm test",
  );
}

/** Chromium without a window makes `npm test` a minute faster. Where it cannot be installed, the tests use the other one. */
export function ensureChromiumShell() {
  const isMissing = !existsSync("/usr/lib/chromium/chromium-headless-shell");
  if (isMissing && process.env.CHROME_PATH === undefined && isRootOnDebian()) install("chromium-headless-shell");
}

/** The dashboard is tried in Firefox as well. */
export function ensureFirefox() {
  const chosen = process.env.FIREFOX_PATH;
  if (chosen !== undefined) {
    if (!existsSync(chosen)) throw new Error(`FIREFOX_PATH is ${chosen}, but there is no such file.`);
    return;
  }
  ensure(
    "firefox-esr",
    FIREFOX_AT,
    "The long tests need Firefox. Install it (on Debian: sudo apt-get install firefox-esr), " +
      "or set the path to yours: FIREFOX_PATH=/path/to/firefox npm run test:long",
  );
}

/** What docs/next-deployment.md says of nginx is tried with a real one. */
export function ensureNginx() {
  ensure(
    "nginx-light",
    NGINX_AT,
    "The long tests need nginx. Install it (on Debian or Ubuntu: sudo apt-get install nginx-light)",
  );
}

/** The alert rules are fired by real faults, with a real Prometheus. */
export function ensurePrometheus() {
  ensure(
    "prometheus",
    ["/usr/bin/prometheus", "/usr/local/bin/prometheus", "/opt/homebrew/bin/prometheus"],
    "The long tests need Prometheus and promtool. Install them (on Debian or Ubuntu: sudo apt-get install prometheus)",
  );
}

/** Postgres as people run it: behind a pooler, and behind a balancer. */
export function ensurePostgresProxies() {
  for (const name of ["pgbouncer", "haproxy"]) {
    const places = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin"];
    ensure(
      name,
      places.map((folder) => `${folder}/${name}`),
      `The long tests need ${name}. Install it (on Debian or Ubuntu: sudo apt-get install ${name})`,
    );
  }
}

function ensure(name, places, otherwise) {
  if (places.some((path) => existsSync(path))) return;
  if (!isRootOnDebian()) throw new Error(otherwise);
  if (!install(name)) throw new Error(`${name} could not be installed, see above. ${otherwise}`);
}

function isRootOnDebian() {
  return process.getuid?.() === 0 && existsSync("/etc/debian_version");
}

function install(name) {
  console.log(`Installing ${name} for the tests`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // Without a network, not for minutes.
  const patience = ["-o", "Acquire::http::Timeout=10", "-o", "Acquire::Retries=1"];
  return (
    succeeds("apt-get", ["update", "-qq", ...patience], { env }) &&
    succeeds("apt-get", ["install", "-y", "-qq", "--no-install-recommends", name], { env })
  );
}
