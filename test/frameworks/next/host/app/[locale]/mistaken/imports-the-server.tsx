"use client";

import { createSessions } from "@byo-session/next";
import { useEffect, useState } from "react";

/** What a newcomer may try: to make the sessions where a browser runs them. */
export function ImportsTheServer() {
  const [said, say] = useState("");
  useEffect(() => {
    try {
      createSessions();
    } catch (error) {
      say(String(error));
    }
  }, []);
  return <p id="said">{said}</p>;
}
