import { createAttachment } from "@byo-session/core/node";

export const attachment = createAttachment({
  mount: "app.use(byoSession())",
  request: "req",
  sideBySide: "@byo-session/express/side-by-side",
});
