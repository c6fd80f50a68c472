export { default } from "../../../../../../../../next/pages/pages/api/outside/session/[[...path]].ts";
