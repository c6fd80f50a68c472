export { slow as default } from "../../lib/api.ts";
