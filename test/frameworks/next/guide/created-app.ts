import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { stopAfterFile } from "../../../harness/leftovers.ts";
import { HOST, type NextApp, nextEnvironment, startNextServer } from "../../../harness/next-app.ts";
import { codeBlocks, readDocuments } from "../../../product/docs/code-blocks.ts";
import { packPackages } from "../../../product/packaging/packed-workspace.ts";

const FONTS = fileURLToPath(new URL("google-fonts.cjs", import.meta.url));
const FOR_NEXT = ["core", "browser", "middleware-next"];

const run = promisify(execFile);
const shell = process.platform === "win32";

/** How an app is served: by `next start`, `next dev`, or the server of a standalone build. */
export type Command = "start" | "dev" | "standalone";

export interface CreatedApp {
  /** Of Next, which is that of create-next-app too. */
  readonly version: string;
  /** Copies every block of a document that has a file's name into the app, without the lines that are to be left out. */
  follow(document: string, leaveOut?: string): Promise<void>;
  /** Puts the files of a folder over those of the app. */
  add(source: URL): Promise<void>;
  /** Changes the `next.config.ts` that create-next-app has made. */
  configure(change: ConfigChange): Promise<void>;
  build(): Promise<void>;
  serve(command: Command, variables: Record<string, string>): Promise<NextApp>;
}

export interface ConfigChange {
  readonly without?: readonly string[];
  readonly with?: string;
}

/** An app as `npx create-next-app@latest` makes it with its own defaults, with the packed packages installed. */
export async function createApp(): Promise<CreatedApp> {
  const home = await realpath(await mkdtemp(join(tmpdir(), "byo-created-")));
  stopAfterFile(() => rm(home, { recursive: true, force: true }));
  const folder = join(home, "my-app");
  // The answers that somebody gave another time are kept below there, and would be taken for the defaults.
  const env: NodeJS.ProcessEnv = { ...process.env, NODE_ENV: "development", XDG_CONFIG_HOME: home };
  const packing = packPackages(join(home, "tarballs"), FOR_NEXT);
  await run("npx", ["--yes", "create-next-app@latest", "my-app", "--yes"], { cwd: home, env, shell });
  await run("npm", ["install", "--no-audit", "--no-fund", ...(await packing)], { cwd: folder, env, shell });
  return asCreated(folder);
}

async function asCreated(folder: string): Promise<CreatedApp> {
  const config = join(folder, "next.config.ts");
  const original = await readFile(config, "utf8");
  const { version } = JSON.parse(await readFile(join(folder, "node_modules/next/package.json"), "utf8"));
  const next = join(folder, "node_modules/next/dist/bin/next");
  return {
    version,

    async follow(document, leaveOut = "") {
      for (const { title, code } of readDocuments()
        .filter(({ path }) => path === document)
        .flatMap(codeBlocks)) {
        if (!title) continue;
        await mkdir(dirname(join(folder, title)), { recursive: true });
        await writeFile(join(folder, title), code.replace(leaveOut, ""));
      }
    },

    add: (source) => cp(source, folder, { recursive: true }),

    async configure({ without = [], with: added = "" }) {
      const start = "const nextConfig: NextConfig = {";
      const missing = [start, ...without].filter((line) => !original.includes(line));
      if (missing.length > 0) throw new Error(`create-next-app's next.config.ts has no ${missing}:\n${original}`);
      const text = without.reduce((kept, line) => kept.replace(line, ""), original);
      await writeFile(config, text.replace(start, `${start}\n  ${added}`));
    },

    async build() {
      const env = nextEnvironment({ NEXT_FONT_GOOGLE_MOCKED_RESPONSES: FONTS });
      await run(process.execPath, [next, "build"], { cwd: folder, env }).catch((error: Failure) => {
        throw new Error(`the app of the guide does not build:\n${error.stdout}\n${error.stderr}`);
      });
    },

    async serve(command, variables) {
      if (command !== "standalone") {
        const mode = command === "dev" ? "development" : "production";
        const env = { NODE_ENV: mode, NEXT_FONT_GOOGLE_MOCKED_RESPONSES: FONTS, ...variables };
        return startNextServer(folder, [next, command, "--hostname", HOST], env);
      }
      const standalone = join(folder, ".next/standalone");
      await cp(join(folder, ".next/static"), join(standalone, ".next/static"), { recursive: true });
      await cp(join(folder, "public"), join(standalone, "public"), { recursive: true });
      return startNextServer(standalone, ["server.js"], variables);
    },
  };
}

interface Failure {
  readonly stdout: string;
  readonly stderr: string;
}
