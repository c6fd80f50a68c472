export { default } from "../../../../../../../next/pages/pages/api/outside/me.ts";
