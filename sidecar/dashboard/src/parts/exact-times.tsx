import { Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";
import { localTime } from "../format/time.ts";

const RESTS_AFTER_MS = 250;

/**
 * The tooltip of every `Timestamp`, where the pointer rests or a finger was. One for all, because a list has hundreds of times;
 * it looks through what lies above a time, such as the link that covers a row.
 */
export function ExactTimes() {
  const [time, setTime] = useState<HTMLTimeElement>();

  useEffect(() => {
    let timer: number | undefined;
    function follow({ clientX, clientY }: PointerEvent): void {
      clearTimeout(timer);
      timer = window.setTimeout(() => setTime(timeAt(clientX, clientY)), RESTS_AFTER_MS);
    }
    document.addEventListener("pointermove", follow, { passive: true });
    document.addEventListener("pointerdown", follow, { passive: true });
    return () => {
      clearTimeout(timer);
      document.removeEventListener("pointermove", follow);
      document.removeEventListener("pointerdown", follow);
    };
  }, []);

  if (!time?.isConnected) return null;
  return <Tooltip label={exactly(time)} target={time} opened />;
}

/** In UTC, after the local time where only "3 hours ago" is on the page. */
function exactly({ dateTime, dataset }: HTMLTimeElement): string {
  return dataset.relative === "true" ? `${localTime(new Date(dateTime))} (${dateTime})` : dateTime;
}

function timeAt(x: number, y: number): HTMLTimeElement | undefined {
  return document.elementsFromPoint(x, y).find((element) => element instanceof HTMLTimeElement);
}
