export { default } from "../../../../../next/pages/pages/login.tsx";
