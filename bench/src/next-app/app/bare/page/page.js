export { default } from "../../plain/page/page.js";

export const dynamic = "force-dynamic";
