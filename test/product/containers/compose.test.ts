import { execFile } from "node:child_process";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer, Server as SecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readEnv } from "@byo-session/sidecar";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { isDashboardForThisMachine, VARIABLES } from "../../../sidecar/src/engine/config/env.ts";
import { createAuthority } from "../../harness/certificates.ts";
import { IMAGE_ENVIRONMENT as image, interpolate, readRepositoryFile as read } from "../../harness/compose-file.ts";

const HEALTHCHECK = fileURLToPath(new URL("../../../sidecar/container/healthcheck.sh", import.meta.url));

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
  const dockerfile = read("sidecar/Dockerfile");
  const stages = dockerfile.split(/^FROM /m).slice(1);
  const last = stages.at(-1) ?? "";

  it("builds in one stage and runs in another, on images that a release names by digest", () => {
    expect(stages.map((stage) => stage.split(/\s/, 1)[0])).toEqual(
      ["NODE_IMAGE", "BASE_IMAGE"].map((name) => `\${${name}}`),
    );
    const release = read(".github/workflows/release.yml");
    for (const name of ["NODE_IMAGE", "BASE_IMAGE"]) {
      const [, tag] = new RegExp(`^ARG ${name}=(\\S+)$`, "m").exec(dockerfile) ?? [];
      expect(release).toContain(`digest ${name} ${tag}`);
      expect(release).toContain(`${name}=\${{ env.${name} }}`);
    }
    expect(release).toContain("platforms: linux/amd64,linux/arm64");
    expect(release).toContain("sbom: true");
  });

  it("runs as a user without privileges, with code that the user cannot change", () => {
    expect(last).toMatch(/^USER 1000:1000$/m);
    expect(last.indexOf("COPY --from=build")).toBeLessThan(last.indexOf("USER 1000"));
    expect(last).not.toMatch(/COPY --from=build --chown/);
  });

  it("has a health check that sees whether /healthz answers", async () => {
    expect(last).toMatch(/^COPY sidecar\/container\/healthcheck.sh \/usr\/local\/bin\/healthcheck$/m);
    expect(last).toMatch(/^HEALTHCHECK .* CMD \["healthcheck"\]$/m);
    const statusByPath = new Map([["/healthz", 200]]);
    const handler: RequestListener = ({ url = "" }, response) => {
      response.writeHead(statusByPath.get(url) ?? 404).end();
    };
    const { cert, key } = await (await createAuthority()).issue("localhost");
    for (const server of [createServer(handler), createSecureServer({ cert, key }, handler)]) {
      statusByPath.set("/healthz", 200);
      await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
      const TLS_CERT_FILE = server instanceof SecureServer ? "/run/cert.pem" : "";
      const env = { PATH: process.env.PATH, PORT: String((server.address() as AddressInfo).port), TLS_CERT_FILE };
      const check = () => promisify(execFile)(HEALTHCHECK, { env });
      await expect(check()).resolves.toBeDefined();
      statusByPath.set("/healthz", 503);
      await expect(check()).rejects.toMatchObject({ code: 1 });
      server.close();
      await expect(check()).rejects.toMatchObject({ code: 1 });
    }
  });

  it("starts the file that the package's command starts, and has both commands on the PATH", () => {
    const { bin } = JSON.parse(read("sidecar/package.json"));
    expect(last).toContain(`CMD ["node", "${bin["byo-sidecar"]}"]`);
    for (const [name, file] of Object.entries(bin)) expect(last).toContain(`ln -s /app/${file} /usr/local/bin/${name}`);
  });
});
