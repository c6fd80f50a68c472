export { default } from "../../[locale]/changes/page.tsx";
