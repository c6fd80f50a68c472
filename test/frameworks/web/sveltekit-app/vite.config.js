import { sveltekit } from "@sveltejs/kit/vite";
import { defaultClientConditions, defaultServerConditions, defineConfig } from "vite";

// The packages as they are in their sources.
const SOURCE = "@byo-session/source";

export default defineConfig({
  plugins: [sveltekit()],
  resolve: { conditions: [SOURCE, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [SOURCE, ...defaultServerConditions] } },
  logLevel: "warn",
});
