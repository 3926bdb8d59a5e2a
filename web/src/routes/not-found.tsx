// No page has this address.
import { Button, Text } from '@mantine/core';
import { NarrowPage } from '../ui/narrow-page.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { notFound as texts } from './texts.ts';

export function NotFound() {
  return (
    <NarrowPage>
      <PageHeading title={texts.title} />
      <Text mb="lg">{texts.text}</Text>
      <Button component="a" href="/" fullWidth>
        {texts.start}
      </Button>
    </NarrowPage>
  );
}
