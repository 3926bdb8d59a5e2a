// The foot of a paged list.
import { Button, Center } from '@mantine/core';
import { states as texts } from './texts.ts';

export function LoadMore({ more, loading }: { more: (() => void) | undefined; loading: boolean }) {
  if (!more && !loading) return null;
  return (
    <Center mt="lg">
      <Button variant="default" onClick={more} loading={loading}>
        {texts.more}
      </Button>
    </Center>
  );
}
