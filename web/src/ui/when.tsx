// An instant: relative in the text, exact on hover and to assistive technology through `datetime`.
import { Text, Tooltip } from '@mantine/core';
import { useInterval } from '@mantine/hooks';
import { useState } from 'react';
import { exactTime, relativeTime } from './time.ts';

export function When({ at }: { at: string }) {
  const [now, setNow] = useState(Date.now);
  useInterval(() => setNow(Date.now()), 30_000, { autoInvoke: true });
  return (
    <Tooltip label={exactTime(at)} withArrow events={{ hover: true, focus: false, touch: true }}>
      <Text component="time" inherit span dateTime={at} style={{ whiteSpace: 'nowrap' }}>
        {relativeTime(at, now)}
      </Text>
    </Tooltip>
  );
}
