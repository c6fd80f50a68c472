export { default } from "../../../../../../next/pages/pages/api/slow.ts";
