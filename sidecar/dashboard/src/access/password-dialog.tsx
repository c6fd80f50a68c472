import { Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type FormEvent, type ReactNode, useCallback, useContext, useState } from "react";
import { usePublicAction } from "../api/use-public-action.ts";
import { DialogButtons } from "../parts/dialog-buttons.tsx";
import { FormError } from "../parts/form-error.tsx";
import { useAccess } from "./use-access.ts";

const PasswordDialogContext = createContext<() => Promise<boolean>>(async () => false);

/** Asks for the password again; true if it was right, false if the person cancels. */
export function usePasswordDialog(): () => Promise<boolean> {
  return useContext(PasswordDialogContext);
}

interface Waiting {
  resolve: (isConfirmed: boolean) => void;
}

export function PasswordDialogProvider({ children }: { children: ReactNode }) {
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  const ask = useCallback(() => new Promise<boolean>((resolve) => setWaiting({ resolve })), []);

  function finish(isConfirmed: boolean) {
    waiting?.resolve(isConfirmed);
    setWaiting(null);
  }

  return (
    <PasswordDialogContext value={ask}>
      {children}
      <Modal
        opened={waiting !== null}
        onClose={() => finish(false)}
        title="Confirm your password"
        zIndex="var(--mantine-z-index-max)"
      >
        <PasswordForm onConfirmed={() => finish(true)} onCancel={() => finish(false)} />
      </Modal>
    </PasswordDialogContext>
  );
}

function PasswordForm({ onConfirmed, onCancel }: { onConfirmed: () => void; onCancel: () => void }) {
  const queries = useQueryClient();
  const { me } = useAccess();
  const confirm = usePublicAction("access/confirm-password", (state) => {
    queries.setQueryData(["access/state", {}], state);
    onConfirmed();
  });

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const code = String(fields.get("code") ?? "").replaceAll(/\s/g, "");
    confirm.mutate({ password: String(fields.get("password")), ...(code && { code }) });
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm">Enter your password again, so that nobody else can make this change at your screen.</Text>
        <input type="text" name="username" autoComplete="username" value={me.username} readOnly hidden />
        <PasswordInput name="password" label="Password" autoComplete="current-password" required data-autofocus />
        {me.hasSecondFactor && (
          <TextInput
            name="code"
            label="Code from your authenticator app"
            description="Six digits, or a recovery code"
            autoComplete="one-time-code"
            required
          />
        )}
        <FormError error={confirm.error} />
        <DialogButtons verb="Confirm" isPending={confirm.isPending} onCancel={onCancel} />
      </Stack>
    </form>
  );
}
