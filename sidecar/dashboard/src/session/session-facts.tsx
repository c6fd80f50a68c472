import { Group } from "@mantine/core";
import type { ReactNode } from "react";
import type { SessionDetail } from "../../../src/dashboard/contract/sessions.ts";
import { BoundMark } from "../parts/bound-mark.tsx";
import { Facts } from "../parts/facts.tsx";
import { Section } from "../parts/section.tsx";
import { TextLink } from "../parts/text-link.tsx";
import { Timestamp } from "../parts/timestamp.tsx";
import { TagList } from "../sessions/tag-list.tsx";
import { devicePath } from "../user/paths.ts";
import { Metadata } from "./metadata.tsx";
import { SeenAddresses } from "./seen-addresses.tsx";

export function SessionFacts({ session }: { session: SessionDetail }) {
  const { device, isBound, userAgent, ipAddresses, tags, metadata, rotations, lastRotationAt } = session;
  const items: [string, ReactNode][] = [
    [
      "Device",
      <Group key="device" gap={6}>
        {device.displayName}
        {isBound && <BoundMark />}
      </Group>,
    ],
    ["Logged in", <Timestamp key="created" time={session.createdAt} />],
    ["Last used", <Timestamp key="used" time={session.lastActivityAt} />],
    [
      session.endedAt === null ? "Ends at the latest" : "Would have ended",
      <Timestamp key="expires" time={session.expiresAt} />,
    ],
    ["Addresses", <SeenAddresses key="addresses" addresses={ipAddresses} />],
    ["Tags", tags.length > 0 ? <TagList key="tags" tags={tags} /> : "None"],
    ["Metadata", <Metadata key="metadata" metadata={metadata} />],
    [
      "Token replaced",
      lastRotationAt === null ? (
        "Never"
      ) : (
        <span key="rotations">
          {rotations === 1 ? "Once" : `${rotations} times`}, last <Timestamp time={lastRotationAt} isRelative />
        </span>
      ),
    ],
    ["User agent", userAgent ?? "Not passed by the app"],
    ...(session.deviceThumbprint === null
      ? []
      : [
          [
            "Device key",
            <span key="key" className="mono">
              <TextLink to={devicePath(session.deviceThumbprint)}>{session.deviceThumbprint}</TextLink>
            </span>,
          ] satisfies [string, ReactNode],
        ]),
    [
      "Session id",
      <span key="id" className="mono">
        {session.sessionId}
      </span>,
    ],
  ];
  return (
    <Section title="Session">
      <Facts items={items} />
    </Section>
  );
}
