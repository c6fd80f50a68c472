import { definePagesRouter } from "./define-pages-router.ts";

definePagesRouter("test/conformance/hosts/next15/pages-router", ["test/next/pages"]);
