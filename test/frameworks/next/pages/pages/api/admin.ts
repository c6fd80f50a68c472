export { admin as default } from "../../lib/api.ts";
