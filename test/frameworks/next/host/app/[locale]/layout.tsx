import type { ReactNode } from "react";

export const generateStaticParams = () => [{ locale: "en" }, { locale: "de" }];

export default function Layout({ children }: { children: ReactNode }) {
  return children;
}
