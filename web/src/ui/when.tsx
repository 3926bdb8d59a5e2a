// An instant: relative in the text, exact on hover and to assistive technology through `datetime`.
import { Text } from '@mantine/core';
import { useInterval } from '@mantine/hooks';
import { useState } from 'react';
import { exactTime, relativeTime } from './time.ts';
import { useHint } from './use-hint.tsx';

export function When({ at }: { at: string }) {
  const [now, setNow] = useState(Date.now);
  useInterval(() => setNow(Date.now()), 30_000, { autoInvoke: true });
  const { props, tooltip } = useHint(exactTime(at));
  return (
    <>
      <Text component="time" inherit span dateTime={at} style={{ whiteSpace: 'nowrap' }} {...props}>
        {relativeTime(at, now)}
      </Text>
      {tooltip}
    </>
  );
}
