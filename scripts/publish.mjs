// Publishes what the registry does not have yet, for the release workflow: with what is built, and with provenance.
import { pnpm } from "./install.mjs";
import { run } from "./processes.mjs";

run("npx", ["--no-install", "tsc", "-b"]);
pnpm(["publish", "--recursive", "--access", "public", "--no-git-checks", "--provenance"]);
// The changesets action reads the tags from the output.
run("npx", ["--no-install", "changeset", "tag"]);
