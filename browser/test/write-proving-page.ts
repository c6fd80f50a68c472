/** Writes the script of the proving page to where the middleware has it: `node browser/test/write-proving-page.ts`. */
import { writeFileSync } from "node:fs";
import { bundleProvingPage } from "./bundle.ts";

const target = new URL("../../core/src/device-page/script.generated.ts", import.meta.url);
const code = (await bundleProvingPage()).trim();
writeFileSync(
  target,
  `// Made of browser/src/proving-page.ts by \`node browser/test/write-proving-page.ts\`; a test holds it to its sources.\nexport const PROVING_SCRIPT = ${JSON.stringify(code)};\n`,
);
