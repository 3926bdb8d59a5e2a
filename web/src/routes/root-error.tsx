// The last boundary: the application could not show any page.
import { Button, Text } from '@mantine/core';
import { failureText } from '../graphql/failure.ts';
import { NarrowPage } from '../ui/narrow-page.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { rootError as texts } from './texts.ts';

export function RootError({ error }: { error: unknown }) {
  return (
    <NarrowPage>
      <PageHeading title={texts.title} />
      <Text mb="lg" role="alert">
        {failureText(error)}
      </Text>
      <Button onClick={() => location.reload()} fullWidth>
        {texts.reload}
      </Button>
    </NarrowPage>
  );
}
