export { default } from "../../changes/page.tsx";

export const dynamic = "force-dynamic";
