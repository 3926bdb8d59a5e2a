// A request that cannot be answered: each reason has its own page that says what to do.
import { Button, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { PageHeading } from '../ui/page-heading.tsx';
import type { RequestStatus } from './decide.ts';

const pages: Record<Exclude<RequestStatus, 'PENDING'> | 'UNKNOWN', { title: string; text: string }> = {
  UNKNOWN: {
    title: 'No such request',
    text: 'This link is wrong, or the request was started in another browser. Go back to the application and connect from there again, in this browser.',
  },
  EXPIRED: {
    title: 'This request has expired',
    text: 'It was not answered in time, and nothing was allowed. Go back to the application and connect again.',
  },
  APPROVED: {
    title: 'You have already allowed this',
    text: 'The request was answered, so there is nothing left to do here. If the application does not work, connect from there again.',
  },
  DENIED: {
    title: 'You have already denied this',
    text: 'The application was told that you said no. If you want to allow it after all, connect from there again.',
  },
  REVOKED: {
    title: 'This request was withdrawn',
    text: 'What it asked for has changed or ended since, and nothing was allowed. Go back to the application and connect again.',
  },
  AWAITING_PROVIDER: {
    title: 'A sign-in is still under way',
    text: 'You have allowed this, and the sign-in at the server’s own provider is not finished. Finish it in the other window, or go back to the application and connect again.',
  },
};

export function ClosedRequest({ status }: { status: RequestStatus | 'UNKNOWN' }) {
  const { title, text } = pages[status === 'PENDING' ? 'UNKNOWN' : status];
  return (
    <>
      <PageHeading title={title} />
      <Text mb="lg">{text}</Text>
      <Button variant="default" fullWidth renderRoot={(root) => <Link {...root} to="/clients" />}>
        See who has access
      </Button>
    </>
  );
}
