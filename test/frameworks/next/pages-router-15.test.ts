import { definePagesRouter } from "./define-pages-router.ts";

definePagesRouter("test/frameworks/conformance/hosts/next15/pages-router", ["test/frameworks/next/pages"]);
