export { GET } from "../../../api/me/route.ts";
