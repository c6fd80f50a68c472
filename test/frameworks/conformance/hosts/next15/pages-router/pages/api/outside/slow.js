export { default } from "../../../../../../../next/pages/pages/api/outside/slow.ts";
