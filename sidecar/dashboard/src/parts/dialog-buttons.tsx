import { Button, Group } from "@mantine/core";

interface DialogButtonsProps {
  /** The label of the button that does it. */
  verb: string;
  isPending: boolean;
  onCancel: () => void;
  /** Default: the button submits the form around it. */
  onConfirm?: () => void;
  /** Default: "Cancel". */
  cancel?: string;
  isDisabled?: boolean;
  isDangerous?: boolean;
}

/** The two buttons at the end of a dialog. */
export function DialogButtons({
  verb,
  isPending,
  onCancel,
  onConfirm,
  cancel = "Cancel",
  isDisabled = false,
  isDangerous = false,
}: DialogButtonsProps) {
  return (
    <Group justify="flex-end" gap="xs">
      <Button variant="default" onClick={onCancel}>
        {cancel}
      </Button>
      <Button
        type={onConfirm ? "button" : "submit"}
        onClick={onConfirm}
        loading={isPending}
        disabled={isDisabled}
        {...(isDangerous && { color: "red" })}
      >
        {verb}
      </Button>
    </Group>
  );
}
