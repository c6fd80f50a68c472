import { createAttachment } from "@byo-session/core/node";

export const attachment = createAttachment({
  mount: "app.use(byoSession())",
  request: "ctx",
  sideBySide: "@byo-session/koa/side-by-side",
});
