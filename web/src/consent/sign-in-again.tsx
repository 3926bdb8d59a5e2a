// The client asked that the person proves anew who they are, before there is anything to decide.
import { Button, Stack, Text } from '@mantine/core';
import { leaveForSignIn } from '../sign-in/leave-for-sign-in.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { signInAgain as texts } from './texts.tsx';

export function SignInAgain() {
  return (
    <>
      <PageHeading title={texts.title} />
      <Stack gap="md">
        <Text>{texts.text}</Text>
        <Button size="md" onClick={leaveForSignIn}>
          {texts.go}
        </Button>
      </Stack>
    </>
  );
}
