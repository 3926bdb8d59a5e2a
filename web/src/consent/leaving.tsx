// After the answer: goes to the client by script (a form's redirect would be stopped by the content security policy), and
// stays readable where the browser does not leave, as with a program on this computer.
import { Anchor, Text } from '@mantine/core';
import { useEffect } from 'react';
import { PageHeading } from '../ui/page-heading.tsx';
import { mayNavigateTo, redirectTarget } from './redirect-target.ts';
import { afterwards as texts } from './texts.tsx';

interface Props {
  redirectTo: string;
  allowed: boolean;
  /** The way leads over the server's own provider first. */
  toProvider: boolean;
}

export function Leaving({ redirectTo, allowed, toProvider }: Props) {
  const possible = mayNavigateTo(redirectTo);
  const { place, toProgram } = redirectTarget(redirectTo);

  useEffect(() => {
    if (possible) window.location.assign(redirectTo);
  }, [possible, redirectTo]);

  return (
    <div role="status">
      <PageHeading title={toProvider ? texts.oneMore : allowed ? texts.allowed : texts.denied} />
      {possible ? (
        <>
          <Text mb="sm">
            {toProvider ? texts.atProvider(place) : allowed ? texts.takingPermission(place) : texts.takingAnswer(place)}
            {!toProvider && toProgram && texts.program}
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
