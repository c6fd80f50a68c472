export { logout as default } from "../../lib/api.ts";
