import { inWorkspace } from "../../../../harness/next-config.mjs";

export default inWorkspace;
