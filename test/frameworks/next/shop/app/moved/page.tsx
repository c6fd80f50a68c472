export { default } from "../static/page.tsx";
