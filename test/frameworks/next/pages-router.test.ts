import { definePagesRouter } from "./define-pages-router.ts";

definePagesRouter("test/frameworks/next/pages");
