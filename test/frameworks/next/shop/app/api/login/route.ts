export { login as POST } from "../../handlers.ts";
