export { default } from "../../../../../../next/pages/pages/api/rename.ts";
