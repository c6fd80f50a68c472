import { lazy } from "react";
import { Navigate, Route, Routes } from "react-router";
import { NotFoundPage } from "./shell/not-found-page.tsx";
import { Shell } from "./shell/shell.tsx";

// Each page is a separate file that is fetched when first opened.
const SessionsPage = lazy(() => import("./sessions/sessions-page.tsx"));
const SessionPage = lazy(() => import("./session/session-page.tsx"));
const UserPage = lazy(() => import("./user/user-page.tsx"));
const DevicePage = lazy(() => import("./user/device-page.tsx"));
const ImpersonationsPage = lazy(() => import("./impersonations/impersonations-page.tsx"));
const OverviewPage = lazy(() => import("./overview/overview-page.tsx"));
const PoliciesPage = lazy(() => import("./policies/policies-page.tsx"));
const SettingsPage = lazy(() => import("./settings/settings-page.tsx"));
const LogPage = lazy(() => import("./log/log-page.tsx"));

export function Pages() {
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route index element={<Navigate to="/sessions" replace />} />
        <Route path="sessions" element={<SessionsPage />} />
        <Route path="sessions/:sessionId" element={<SessionPage />} />
        <Route path="user" element={<UserPage />} />
        <Route path="device" element={<DevicePage />} />
        <Route path="impersonations" element={<ImpersonationsPage />} />
        <Route path="overview" element={<OverviewPage />} />
        <Route path="policies/:tab?" element={<PoliciesPage />} />
        <Route path="settings/:tab?" element={<SettingsPage />} />
        <Route path="log" element={<LogPage />} />
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
