import { createTheme } from "@mantine/core";

const quickly = { transitionProps: { duration: 120 } };

const overlay = {
  ...quickly,
  // Scroll locking would inject a style element too.
  lockScroll: false,
  closeButtonProps: { "aria-label": "Close" },
  // The page already has a header, and screen readers expect only one banner.
  attributes: { header: { role: "presentation" } },
};

/** Colours are in theme.css: Mantine would inject a style element, which the Content-Security-Policy forbids. */
export const theme = createTheme({
  primaryColor: "indigo",
  defaultRadius: "sm",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Modal: { defaultProps: { ...overlay, centered: true } },
    Drawer: { defaultProps: overlay },
    Tooltip: { defaultProps: { openDelay: 250, multiline: true, maw: 360, ...quickly } },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Close the message" } } },
    Table: { defaultProps: { verticalSpacing: 6, horizontalSpacing: "xs" } },
    InputWrapper: { defaultProps: { withAsterisk: false } },
    Button: { defaultProps: { size: "sm" } },
  },
});
