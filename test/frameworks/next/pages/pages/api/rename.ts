export { rename as default } from "../../lib/api.ts";
