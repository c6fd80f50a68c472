import { createAttachment } from "@byo-session/core/node";

export const attachment = createAttachment({
  mount: "app.register(byoSession)",
  request: "request",
  sideBySide: "@byo-session/fastify/side-by-side",
  claimsNames: true,
});
