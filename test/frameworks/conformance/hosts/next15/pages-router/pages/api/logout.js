export { default } from "../../../../../../next/pages/pages/api/logout.ts";
