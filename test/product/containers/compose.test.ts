import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { readEnv } from "@byo-session/sidecar";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { isDashboardForThisMachine, VARIABLES } from "../../../sidecar/src/engine/config/env.ts";
import { IMAGE_ENVIRONMENT as image, interpolate, readRepositoryFile as read } from "../../harness/compose-file.ts";

interface Service {
  environment: Record<string, string>;
  ports?: string[];
  [key: string]: unknown;
}

const compose: { services: { sidecar: Service; postgres: Service } } = parse(read("compose.yaml"));
const { sidecar, postgres } = compose.services;
const example = Object.fromEntries(
  read(".env.example")
    .split("\n")
    .filter((line) => /^[A-Z_]+=/.test(line))
    .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
);

const FILLED_IN: Record<string, string> = {
  ...example,
  INITIAL_INTEGRATION_KEY: "api_3b1f7c0d5e9a2648c7d0e1f2a3b4958677f6e5d4c3b2a190",
  ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"),
  POSTGRES_PASSWORD: "0123456789abcdef",
};

function environmentOf({ environment }: Service, variables = FILLED_IN): Record<string, string> {
  const entries = Object.entries(environment).map(([name, text]) => [name, interpolate(text, variables)]);
  return Object.fromEntries(entries);
}

describe("compose.yaml", () => {
  it("publishes every port on loopback only", () => {
    const ports = [...(sidecar.ports ?? []), ...(postgres.ports ?? [])].map((port) => interpolate(port, FILLED_IN));
    expect(ports).toEqual(["127.0.0.1:2884:2884", "127.0.0.1:5432:5432"]);
  });

  it("says that its ports are on loopback, which the image cannot know", () => {
    expect(isDashboardForThisMachine(readEnv({ ...image, ...environmentOf(sidecar) }))).toBe(true);
    expect(isDashboardForThisMachine(readEnv(image))).toBe(false);
  });

  it("gives the sidecar an environment that it accepts", () => {
    const settings = readEnv({ ...image, ...environmentOf(sidecar) });
    expect(settings).toMatchObject({ host: "0.0.0.0", port: 2884, configDir: "/app/configs", logLevel: "info" });
    expect(settings).toMatchObject({ initialOwnerUsername: "owner" });
    expect(new URL(settings.databaseUrl ?? "").hostname).toBe("postgres");
  });

  it("does not start with a secret that was not filled in", () => {
    for (const name of ["ENCRYPTION_KEY", "POSTGRES_PASSWORD"]) {
      expect(example[name]).toBe("");
      const environment = [...Object.values(sidecar.environment), ...Object.values(postgres.environment)];
      expect(() => environment.map((text) => interpolate(text, { ...FILLED_IN, [name]: "" }))).toThrow(name);
    }
  });

  it("makes a dashboard user, who makes the first key, whatever the .env file leaves out", () => {
    const { initialOwnerUsername, initialIntegrationKey } = readEnv({
      ...image,
      ...environmentOf(sidecar, { ...FILLED_IN, INITIAL_INTEGRATION_KEY: "", INITIAL_OWNER_USERNAME: "" }),
    });
    expect({ initialOwnerUsername, initialIntegrationKey }).toEqual({
      initialOwnerUsername: "owner",
      initialIntegrationKey: undefined,
    });
  });

  it("lets .env set everything but what the container itself decides", () => {
    const ofContainer = ["HOST", "PORT", "DASHBOARD_PORT", "DASHBOARD_HOST", "SOCKET_PATH", "DATA_DIR", "CONFIG_DIR"];
    const fixed = [...ofContainer, "PUBLISHED_ON_LOOPBACK"];
    const settable = Object.entries(sidecar.environment).filter(([name, text]) => text.includes(`\${${name}`));
    expect(settable.map(([name]) => name).sort()).toEqual(VARIABLES.filter((name) => !fixed.includes(name)).sort());
    const own = { ...FILLED_IN, DATABASE_URL: "postgres://me:p#/w@db.example.com/byo" };
    expect(interpolate(sidecar.environment.DATABASE_URL ?? "", own)).toBe(own.DATABASE_URL);
  });

  it("documents every variable that it uses", () => {
    const used = [...read("compose.yaml").matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
    expect(Object.keys(example).sort()).toEqual([...new Set(used)].sort());
  });

  it("leaves the sidecar nothing to write to and no privileges", () => {
    expect(sidecar).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      depends_on: { postgres: { condition: "service_healthy" } },
    });
  });

  it("waits longer for a stop than the sidecar takes", () => {
    expect(Number.parseInt(String(sidecar.stop_grace_period), 10)).toBeGreaterThan(10);
  });
});

describe("sidecar/Dockerfile", () => {
  const stages = read("sidecar/Dockerfile")
    .split(/^FROM /m)
    .slice(1);
  const last = stages.at(-1) ?? "";

  it("builds in one stage and runs in another, on the same Node", () => {
    expect(stages.map((stage) => stage.split(/\s/, 1)[0])).toEqual(["node:24-bookworm-slim", "node:24-bookworm-slim"]);
  });

  it("runs as a user without privileges, with code that the user cannot change", () => {
    expect(last).toMatch(/^USER node$/m);
    expect(last.indexOf("COPY --from=build")).toBeLessThan(last.indexOf("USER node"));
    expect(last).not.toMatch(/COPY --from=build --chown=node/);
  });

  it("has a health check that sees whether /healthz answers", async () => {
    const [, json = "[]"] = /HEALTHCHECK [^\n]*\\\n\s*CMD (\[.*\])/.exec(last) ?? [];
    const [program = "", ...args]: string[] = JSON.parse(json);
    const statusByPath = new Map([["/healthz", 200]]);
    const server = createServer(({ url = "" }, response) => {
      response.writeHead(statusByPath.get(url) ?? 404).end();
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const env = { PATH: process.env.PATH, PORT: String((server.address() as AddressInfo).port) };
    const check = () => promisify(execFile)(program, args, { env });
    await expect(check()).resolves.toBeDefined();
    statusByPath.set("/healthz", 503);
    await expect(check()).rejects.toMatchObject({ code: 1 });
    server.close();
    await expect(check()).rejects.toMatchObject({ code: 1 });
  });

  it("starts the file that the package's command starts", () => {
    const { bin } = JSON.parse(read("sidecar/package.json"));
    expect(last).toContain(`CMD ["node", "${bin["byo-sidecar"]}"]`);
  });
});
