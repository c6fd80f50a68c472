import { defineConformance } from "./define-conformance.ts";
import { next16ShopHost } from "./hosts/next.ts";

defineConformance(next16ShopHost);
