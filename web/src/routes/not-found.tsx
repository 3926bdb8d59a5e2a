// No page has this address.
import { Button, Text } from '@mantine/core';
import { NarrowPage } from '../ui/narrow-page.tsx';
import { PageHeading } from '../ui/page-heading.tsx';

export function NotFound() {
  return (
    <NarrowPage>
      <PageHeading title="Page not found" />
      <Text mb="lg">There is nothing at this address. It may have been removed, or the link may be incomplete.</Text>
      <Button component="a" href="/" fullWidth>
        Go to the start
      </Button>
    </NarrowPage>
  );
}
