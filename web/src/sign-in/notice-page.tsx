// One thing to know, and the way to signing in.
import { Button, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { NarrowPage } from '../ui/narrow-page.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { texts } from './texts.ts';

export function NoticePage({ title, body, returnTo }: { title: string; body?: string; returnTo?: string | undefined }) {
  return (
    <NarrowPage>
      <PageHeading title={title} />
      {body && (
        <Text mb="lg" className="break-anywhere">
          {body}
        </Text>
      )}
      <Button fullWidth renderRoot={(props) => <Link {...props} to="/sign-in" search={{ returnTo }} />}>
        {texts.signIn}
      </Button>
    </NarrowPage>
  );
}
