export { default } from "../../../../../../../next/pages/pages/api/outside/login.ts";
