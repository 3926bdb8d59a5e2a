// A request that cannot be answered: each reason has its own page that says what to do.
import { Button, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { PageHeading } from '../ui/page-heading.tsx';
import type { RequestStatus } from './decide.ts';
import { changed, closed, afterwards as texts } from './texts.tsx';

export function ClosedRequest({ status }: { status: RequestStatus | 'UNKNOWN' }) {
  const { title, text } = closed[status === 'PENDING' ? 'UNKNOWN' : status];
  return (
    <>
      <PageHeading title={title} />
      <Text mb="lg">{text}</Text>
      <Button variant="default" fullWidth renderRoot={(root) => <Link {...root} to="/clients" />}>
        {texts.access}
      </Button>
    </>
  );
}

/** The client is not any more what the page has shown: it must be looked at anew before there is anything to answer. */
export function ChangedClient({ onLook }: { onLook: () => void }) {
  return (
    <div role="alert">
      <PageHeading title={changed.title} />
      <Text mb="lg">{changed.text}</Text>
      <Button fullWidth onClick={onLook}>
        {changed.again}
      </Button>
    </div>
  );
}
