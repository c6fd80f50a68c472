import { byoSession, requireSession, type Session } from "@byo-session/express/side-by-side";
import express from "express";
import expressSession from "express-session";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(_proof?: T) => {};

declare module "express-session" {
  interface SessionData {
    cart: string[];
  }
}

const app = express();
app.use(expressSession({ secret: "secret", resave: false, saveUninitialized: false }));
app.use(byoSession());

app.get("/me", requireSession(), (req, res) => {
  holds<Equal<typeof req.byo.session, Session | null>>();
  holds<Equal<typeof req.session.cart, string[] | undefined>>();
  req.session.cart = ["book"];
  // @ts-expect-error the other library's session has no user
  req.session.userId;
  req.session.destroy(() => res.json(req.byo.session?.userId));
});
