import { Alert, Tabs } from "@mantine/core";
import type { ComponentType } from "react";
import { Navigate, useLocation, useNavigate, useParams } from "react-router";
import { useMay } from "../access/use-access.ts";
import type { CallName } from "../api/calls.ts";
import { PageHeader } from "../parts/page-header.tsx";
import { WebhooksTab } from "../webhooks/webhooks-tab.tsx";
import { AccountTab } from "./account-tab.tsx";
import { KeysTab } from "./keys-tab.tsx";
import { RetentionTab } from "./retention-tab.tsx";
import { SigningKeysTab } from "./signing-keys-tab.tsx";
import { UsersTab } from "./users-tab.tsx";

const TABS: { value: string; name: string; needs: CallName; Content: ComponentType }[] = [
  { value: "account", name: "Your account", needs: "access/change-password", Content: AccountTab },
  { value: "keys", name: "Integration keys", needs: "settings/integration-keys", Content: KeysTab },
  { value: "users", name: "Users", needs: "settings/users", Content: UsersTab },
  { value: "webhooks", name: "Webhooks", needs: "webhooks/list", Content: WebhooksTab },
  { value: "signing-keys", name: "Signing keys", needs: "settings/signing-keys", Content: SigningKeysTab },
  { value: "retention", name: "Retention", needs: "settings/retention", Content: RetentionTab },
];

/** The tabs that the person's role may see. */
export default function SettingsPage() {
  const { tab = "account" } = useParams();
  const navigate = useNavigate();
  const may = useMay();
  const tabs = TABS.filter(({ needs }) => may(needs));
  const { state } = useLocation();
  if (!tabs.some(({ value }) => value === tab)) {
    return <Navigate to="/settings" replace state={TABS.find(({ value }) => value === tab)?.name} />;
  }
  return (
    <>
      <PageHeader title="Settings" />
      {typeof state === "string" && (
        <Alert color="yellow" variant="light" mb="md" title={`Your role may not see “${state}”`}>
          The link leads to a part of the settings for other roles. An admin can change your role under Users.
        </Alert>
      )}
      <Tabs value={tab} onChange={(chosen) => navigate(`/settings/${chosen}`)} keepMounted={false}>
        <Tabs.List mb="md">
          {tabs.map(({ value, name }) => (
            <Tabs.Tab key={value} value={value}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map(({ value, Content }) => (
          <Tabs.Panel key={value} value={value}>
            <Content />
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
