// After the answer: goes to the client by script (a form's redirect would be stopped by the content security policy), and
// stays readable where the browser does not leave, as with a program on this computer.
import { Anchor, Text } from '@mantine/core';
import { useEffect } from 'react';
import { PageHeading } from '../ui/page-heading.tsx';
import { mayNavigateTo, redirectTarget } from './redirect-target.ts';
import { afterwards as texts } from './texts.tsx';

export function Leaving({ redirectTo, allowed }: { redirectTo: string; allowed: boolean }) {
  const possible = mayNavigateTo(redirectTo);
  const { place, toProgram } = redirectTarget(redirectTo);

  useEffect(() => {
    if (possible) window.location.assign(redirectTo);
  }, [possible, redirectTo]);

  return (
    <div role="status">
      <PageHeading title={allowed ? texts.allowed : texts.denied} />
      {possible ? (
        <>
          <Text mb="sm">
            {allowed ? texts.takingPermission(place) : texts.takingAnswer(place)}
            {toProgram && texts.program}
          </Text>
          <Text size="sm" c="dimmed">
            {texts.stuck}
            <Anchor href={redirectTo} inherit underline="always" rel="noreferrer">
              {texts.byHand}
            </Anchor>
            .
          </Text>
        </>
      ) : (
        <Text>{texts.impossible}</Text>
      )}
    </div>
  );
}
