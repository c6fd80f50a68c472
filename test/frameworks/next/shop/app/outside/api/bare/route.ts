export { bare as DELETE, bare as GET, bare as POST } from "../../../handlers.ts";
