// After the answer: goes to the client by script (a form's redirect would be stopped by the content security policy), and
// stays readable where the browser does not leave, as with a program on this computer.
import { Anchor, Text } from '@mantine/core';
import { useEffect } from 'react';
import { PageHeading } from '../ui/page-heading.tsx';
import { mayNavigateTo, redirectTarget } from './redirect-target.ts';

export function Leaving({ redirectTo, allowed }: { redirectTo: string; allowed: boolean }) {
  const possible = mayNavigateTo(redirectTo);
  const { place, toProgram } = redirectTarget(redirectTo);

  useEffect(() => {
    if (possible) window.location.assign(redirectTo);
  }, [possible, redirectTo]);

  return (
    <div role="status">
      <PageHeading title={allowed ? 'Access allowed' : 'Access denied'} />
      {possible ? (
        <>
          <Text mb="sm">
            {allowed ? 'Taking your permission to ' : 'Taking your answer to '}
            {place}.{toProgram && ' Once the application has it, you can close this page.'}
          </Text>
          <Text size="sm" c="dimmed">
            If nothing happens,{' '}
            <Anchor href={redirectTo} inherit underline="always" rel="noreferrer">
              continue by hand
            </Anchor>
            .
          </Text>
        </>
      ) : (
        <Text>
          Your answer is kept, but the address that it should go to cannot be opened. You can close this page.
        </Text>
      )}
    </div>
  );
}
