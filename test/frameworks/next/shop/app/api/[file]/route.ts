export { me as GET } from "../../handlers.ts";
