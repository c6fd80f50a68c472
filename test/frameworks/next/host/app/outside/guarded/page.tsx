export { default } from "../../[locale]/guarded/page.tsx";
