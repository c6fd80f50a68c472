export { default } from "../../../../../../next/pages/pages/api/admin.ts";
