import { lazy } from "react";
import { Navigate, Route, Routes } from "react-router";
import { FIRST_PATH, PAGES } from "./page-table.ts";
import { NotFoundPage } from "./shell/not-found-page.tsx";
import { Shell } from "./shell/shell.tsx";

const CONTENTS = PAGES.map(({ path, load }) => ({ path, Content: lazy(load) }));

export function Pages() {
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route index element={<Navigate to={`/${FIRST_PATH}`} replace />} />
        {CONTENTS.map(({ path, Content }) => (
          <Route key={path} path={path} element={<Content />} />
        ))}
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
