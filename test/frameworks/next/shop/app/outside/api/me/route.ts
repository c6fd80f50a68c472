export { me as DELETE, me as GET, me as POST } from "../../../handlers.ts";
