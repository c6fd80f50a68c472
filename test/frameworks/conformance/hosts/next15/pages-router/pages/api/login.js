export { default } from "../../../../../../next/pages/pages/api/login.ts";
