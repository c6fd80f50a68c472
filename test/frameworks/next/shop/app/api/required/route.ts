export { required as DELETE, required as GET, required as POST } from "../../handlers.ts";
