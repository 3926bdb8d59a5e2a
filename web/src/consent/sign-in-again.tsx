// The client asked that the person proves anew who they are, before there is anything to decide.
import { Button, Stack, Text } from '@mantine/core';
import { leaveForSignIn } from '../sign-in/leave-for-sign-in.ts';
import { PageHeading } from '../ui/page-heading.tsx';

export function SignInAgain() {
  return (
    <>
      <PageHeading title="Sign in again" />
      <Stack gap="md">
        <Text>
          The application that asks for access wants you to sign in once more, so that it is certainly you who decides.
          You come back here afterwards.
        </Text>
        <Button size="md" onClick={leaveForSignIn}>
          Sign in
        </Button>
      </Stack>
    </>
  );
}
