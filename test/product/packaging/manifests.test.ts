import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { PUBLISHED } from "../../../scripts/published.mjs";
import { licences } from "../docs/licences-table.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string) => JSON.parse(readFileSync(join(ROOT, path), "utf8"));
const PERMISSIVE = /^(0BSD|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0|CC0-1\.0|ISC|MIT)$/;
const isPermissive = (licence: string) =>
  licence.split(/[() ]|OR|AND/).every((part) => part === "" || PERMISSIVE.test(part));

/** The sidecar brings along a database that this version of it made. */
const EXACT = ["@electric-sql/pglite"];

describe.each(PUBLISHED)("the manifest of %s", (directory) => {
  const manifest = read(`${directory}/package.json`);

  it("says where it lives, as scripts/write-manifests.mjs writes it", () => {
    const { repository } = read("package.json");
    const home = repository.url.replace(/^git\+|\.git$/g, "");
    expect(manifest).toMatchObject({
      repository: { ...repository, directory },
      homepage: `${home}/tree/main/${directory}#readme`,
      bugs: `${home}/issues`,
    });
  });

  it("takes fixes of what it installs", () => {
    for (const [name, range] of Object.entries<string>(manifest.dependencies ?? {})) {
      expect(`${name} ${range}`).toMatch(EXACT.includes(name) ? / \d/ : / (\^|workspace:\^$)/);
    }
  });

  it("runs no script where it is installed", () => {
    const scripts = Object.keys(manifest.scripts ?? {});
    expect(scripts.filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
  });
});

it("all have one version, which changesets raise together", () => {
  expect(new Set(PUBLISHED.map((directory) => read(`${directory}/package.json`).version)).size).toBe(1);
  expect(read(".changeset/config.json")).toMatchObject({ fixed: [["@byo-session/*"]], access: "public" });
});

it("install and contain only what is under a permissive licence", () => {
  const found = licences();
  expect(found.size).toBeGreaterThan(50);
  expect([...found].filter(([, licence]) => !isPermissive(licence))).toEqual([]);
});
