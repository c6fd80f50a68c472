import { createAttachment } from "@byo-session/core/node";

export const {
  attach,
  of: attachedTo,
  decorate,
  propertyTaken,
} = createAttachment({
  mount: "app.use(byoSession())",
  request: "req",
  sideBySide: "@byo-session/express/side-by-side",
});
