import { expect } from "vitest";
import type { CaseGroup } from "../case.ts";

export const clientAddress: CaseGroup = {
  title: "the client's address",
  cases: {
    async "is that of the last hop that is not trusted: a forged left-most one does not count"(tools) {
      const { loggedIn, sidecar } = tools;
      await loggedIn({ userId: "forged" }, { ip: "6.6.6.6, 203.0.113.9" });
      const { sessions } = await sidecar.run("FetchAllSessionsForUser", { userId: "forged" });
      expect(sessions[0]?.ipAddress).toBe("203.0.113.9");
    },
  },
};
