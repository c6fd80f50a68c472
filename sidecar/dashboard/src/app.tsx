import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { BrowserRouter } from "react-router";
import { AccessGate } from "./access/access-gate.tsx";
import { createQueryClient } from "./api/query-client.ts";
import { Pages } from "./pages.tsx";
import { ExactTimes } from "./parts/exact-times.tsx";
import { useZone } from "./parts/use-zone.ts";
import { theme } from "./theme/theme.ts";

export function App() {
  const [queries] = useState(createQueryClient);
  return (
    // Variables and classes are in style sheets: a style element would need an exception in the Content-Security-Policy.
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <Notifications position="bottom-right" />
      <ExactTimes />
      <QueryClientProvider client={queries}>
        <BrowserRouter>
          <AccessGate>
            <PagesInZone />
          </AccessGate>
        </BrowserRouter>
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** Times are written in many places, so a page is made again when their zone changes. */
function PagesInZone() {
  return <Pages key={useZone()} />;
}
