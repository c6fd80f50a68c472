import { createTheme } from "@mantine/core";

const quickly = { transitionProps: { duration: 120 } };

const overlay = {
  ...quickly,
  // Locking the page's scroll is done by an injected style element too.
  lockScroll: false,
  closeButtonProps: { "aria-label": "Close" },
  // The page has a header already, and to a screen reader there is one banner only.
  attributes: { header: { role: "presentation" } },
};

/** Colours are in theme.css: Mantine would put its own into a style element, which the page's policy does not allow. */
export const theme = createTheme({
  primaryColor: "indigo",
  defaultRadius: "sm",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Modal: { defaultProps: { ...overlay, centered: true } },
    Drawer: { defaultProps: overlay },
    Tooltip: { defaultProps: { openDelay: 250, multiline: true, maw: 360, ...quickly } },
    Table: { defaultProps: { verticalSpacing: 6, horizontalSpacing: "xs" } },
    InputWrapper: { defaultProps: { withAsterisk: false } },
    Button: { defaultProps: { size: "sm" } },
  },
});
