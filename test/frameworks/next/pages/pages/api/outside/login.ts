export { login as default } from "../../../lib/api.ts";
