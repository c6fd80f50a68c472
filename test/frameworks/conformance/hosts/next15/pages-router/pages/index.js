export { default } from "../../../../../next/pages/pages/index.tsx";
