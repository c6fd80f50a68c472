// JavaScript: where it finds TypeScript in this folder, Next 15 wants a version of it that is not installed here.
export { DELETE, GET, OPTIONS, PATCH, POST, PUT } from "../../../next-app/routes.ts";
