export { me as default } from "../../../lib/api.ts";
