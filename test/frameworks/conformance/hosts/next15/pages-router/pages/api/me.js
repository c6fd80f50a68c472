export { default } from "../../../../../../next/pages/pages/api/me.ts";
