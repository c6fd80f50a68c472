import { definePagesRouter } from "./define-pages-router.ts";

definePagesRouter("test/next/pages");
