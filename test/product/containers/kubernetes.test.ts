import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readEnv } from "@byo-session/sidecar";
import { Deployment } from "kubernetes-models/apps/v1";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { Namespace, Service, ServiceAccount } from "kubernetes-models/v1";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { VARIABLES } from "../../../sidecar/src/engine/config/env.ts";
import { typeErrorsOf } from "../../harness/type-errors.ts";

const FOLDER = fileURLToPath(new URL("../../../deploy/kubernetes/", import.meta.url));
const text = (file: string) => readFileSync(`${FOLDER}${file}`, "utf8");
const read = (file: string) => parse(text(file));
const kustomization = read("kustomization.yaml");
const files: string[] = kustomization.resources;

/** Each validates against the schemas that Kubernetes publishes, which let unknown fields pass. */
const KINDS = { Deployment, Namespace, NetworkPolicy, PodDisruptionBudget, Service, ServiceAccount };

function resource(of: { kind: string }): { validate(): void } {
  const [, Kind] = Object.entries(KINDS).find(([name]) => name === of.kind) ?? [];
  if (!Kind) throw new Error(`${of.kind} is not among the kinds that this test validates`);
  return new Kind(of as never);
}

/** Where the compiler finds the packages of the tests. */
const TYPED = fileURLToPath(new URL("../../output-kubernetes/", import.meta.url));

/** What the compiler says when the resources are written as literals of their types: there an unknown field is an error. */
async function unknownFieldsOf(resources: { kind: string; apiVersion: string }[]): Promise<string> {
  const lines = resources.map((each, at) => {
    const type = `import("kubernetes-models/${each.apiVersion}").I${each.kind}`;
    return `export const resource${at}: ${type} = ${JSON.stringify(each)};`;
  });
  const compilerOptions = { module: "nodenext", target: "es2024", strict: true, noEmit: true, skipLibCheck: true };
  rmSync(TYPED, { recursive: true, force: true });
  mkdirSync(TYPED);
  writeFileSync(`${TYPED}resources.mts`, lines.join("\n"));
  writeFileSync(`${TYPED}tsconfig.json`, JSON.stringify({ compilerOptions, files: ["resources.mts"] }));
  const errors = await typeErrorsOf(`${TYPED}tsconfig.json`);
  rmSync(TYPED, { recursive: true });
  return errors;
}

const deployment = read("deployment.yaml");
const pod = deployment.spec.template.spec;
const [container] = pod.containers;
const selector = { "app.kubernetes.io/name": "byo-sidecar" };

describe("the manifests for Kubernetes", () => {
  it.each(files)("%s is valid", (file) => {
    expect(() => resource(read(file)).validate()).not.toThrow();
  });

  it("have only fields that Kubernetes knows", async () => {
    expect(await unknownFieldsOf(files.map(read))).toBe("");
    const wrong = structuredClone(deployment);
    wrong.spec.template.spec.containers[0].readinesProbe = {};
    expect(await unknownFieldsOf([wrong])).toContain("readinesProbe");
  });

  it("would not be valid with a value of another type", () => {
    const wrong = structuredClone(deployment);
    wrong.spec.replicas = "two";
    expect(() => resource(wrong).validate()).toThrow("replicas");
  });

  it("are all in the kustomization", () => {
    const generated = [
      ...kustomization.configMapGenerator.flatMap((each: { files: string[] }) => each.files),
      ...kustomization.secretGenerator.flatMap((each: { envs: string[] }) => each.envs),
    ];
    expect(readdirSync(FOLDER).sort()).toEqual(["kustomization.yaml", ...files, ...generated].sort());
  });

  it("run two replicas, of which one is always there", () => {
    expect(deployment.spec).toMatchObject({ replicas: 2, strategy: { rollingUpdate: { maxUnavailable: 0 } } });
    expect(read("disruption-budget.yaml").spec).toMatchObject({ minAvailable: 1, selector: { matchLabels: selector } });
  });

  it("select the same pods everywhere", () => {
    expect(deployment.spec.template.metadata.labels).toMatchObject(selector);
    expect(deployment.spec.selector.matchLabels).toEqual(selector);
    expect(read("service.yaml").spec.selector).toEqual(selector);
    expect(read("network-policy.yaml").spec).toMatchObject({
      podSelector: { matchLabels: selector },
      policyTypes: ["Ingress", "Egress"],
    });
    expect(kustomization.configMapGenerator[0].name).toBe(pod.volumes[0].configMap.name);
    expect(kustomization.secretGenerator[0].name).toBe(container.envFrom[0].secretRef.name);
  });

  it("ask readiness of the database, and liveness only of the process", () => {
    expect(container.readinessProbe.httpGet).toEqual({ path: "/readyz", port: "http" });
    expect(container.livenessProbe.httpGet).toEqual({ path: "/healthz", port: "http" });
    expect(container.startupProbe.httpGet).toEqual({ path: "/healthz", port: "http" });
  });

  it("wait longer for a stop than the wait before it and the sidecar take", () => {
    const [, secs] = container.lifecycle.preStop.exec.command;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(Number(secs) + 10);
  });

  it("leave the sidecar no privileges, no token, and nothing of its own to keep data in", () => {
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    const writable = container.volumeMounts.filter((mount: { readOnly?: boolean }) => mount.readOnly !== true);
    expect(writable).toEqual([{ name: "tmp", mountPath: "/tmp" }]);
  });

  it("give it an environment that it accepts, with no secret that was filled in for everyone", () => {
    const names = [...text("secret.env").matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = "", value]) => {
      expect(value).toBe("");
      return name;
    });
    for (const name of names.filter((each) => each !== "PGPASSWORD")) expect(VARIABLES).toContain(name);
    const env = {
      HOST: "0.0.0.0",
      DATABASE_URL: "postgres://byo@db.example.com:5432/byo?sslmode=verify-full",
      INITIAL_INTEGRATION_KEY: "api_3b1f7c0d5e9a2648c7d0e1f2a3b4958677f6e5d4c3b2a190",
      ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"),
      METRICS_TOKEN: "b2a1903b1f7c0d5e9a2648c7d0e1f2a3b4958677f6e5d4c3",
      PGPASSWORD: "0123456789abcdef",
    };
    expect(Object.keys(env)).toEqual(expect.arrayContaining(names));
    expect(readEnv(env)).toMatchObject({ databaseUrl: expect.stringContaining("db.example.com") });
  });
});
