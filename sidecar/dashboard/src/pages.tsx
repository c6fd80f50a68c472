import { type ComponentType, lazy, useState } from "react";
import { Navigate, Route, Routes } from "react-router";
import { FIRST_PATH, PAGES } from "./page-table.ts";
import { NotFoundPage } from "./shell/not-found-page.tsx";
import { Shell } from "./shell/shell.tsx";

const CONTENTS = PAGES.map(({ path, load, loaded }) => ({ path, loaded, Later: lazy(load) }));

export function Pages() {
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route index element={<Navigate to={`/${FIRST_PATH}`} replace />} />
        {CONTENTS.map(({ path, loaded, Later }) => (
          <Route key={path} path={path} element={<Page key={path} loaded={loaded} later={Later} />} />
        ))}
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}

interface PageProps {
  loaded: () => ComponentType | undefined;
  later: ComponentType;
}

/** Draws at once what is there: React keeps a loader on the screen for at least 0.3 seconds, even if it was shown for one. */
function Page({ loaded, later }: PageProps) {
  const [Content] = useState<ComponentType>(() => loaded() ?? later);
  return <Content />;
}
