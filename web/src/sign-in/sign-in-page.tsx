// Signing in with email and password.
import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { NarrowPage } from '../ui/narrow-page.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { mayCreateAccount, signIn } from './account.ts';

const route = getRouteApi('/sign-in');

export function SignInPage() {
  const { returnTo } = route.useSearch();
  const { setup } = route.useRouteContext();
  const [working, setWorking] = useState(false);
  const [refusal, setRefusal] = useState<string>();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setWorking(true);
    setRefusal(undefined);
    const answer = await signIn({ email: String(form.get('email')).trim(), password: String(form.get('password')) });
    if (answer.ok) return location.assign(returnTo ?? '/');
    setRefusal(answer.message);
    setWorking(false);
  }

  return (
    <NarrowPage>
      <PageHeading
        title="Sign in"
        lead={
          returnTo?.startsWith('/consent/') && 'A client asks for access. Sign in to see what it asks, then decide.'
        }
      />
      <form onSubmit={submit}>
        <Stack gap="md">
          {refusal && (
            <Alert color="red" role="alert">
              {refusal}
            </Alert>
          )}
          <TextInput name="email" type="email" label="Email" autoComplete="username" required withAsterisk={false} />
          <PasswordInput
            name="password"
            label="Password"
            autoComplete="current-password"
            required
            withAsterisk={false}
          />
          <Button type="submit" loading={working} fullWidth>
            Sign in
          </Button>
        </Stack>
      </form>
      <Text size="sm" mt="lg" c="dimmed">
        {mayCreateAccount(setup) ? (
          <>
            No account yet?{' '}
            <Anchor
              inherit
              underline="always"
              renderRoot={(props) => <Link {...props} to="/sign-up" search={{ returnTo }} />}
            >
              Create an account
            </Anchor>
          </>
        ) : (
          'No account? Ask an administrator of this Grantway.'
        )}
      </Text>
    </NarrowPage>
  );
}
