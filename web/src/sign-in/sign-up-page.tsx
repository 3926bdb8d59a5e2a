// Creating an account: the first one, or another where that is open.
import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { NarrowPage } from '../ui/narrow-page.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { mayCreateAccount, signUp } from './account.ts';

const route = getRouteApi('/sign-up');

export function SignUpPage() {
  const { setup } = route.useRouteContext();
  const { returnTo } = route.useSearch();
  if (!mayCreateAccount(setup)) {
    return (
      <NarrowPage>
        <PageHeading title="New accounts are closed" />
        <Text mb="lg">This Grantway has its accounts already. Ask an administrator for an invitation.</Text>
        <Button fullWidth renderRoot={(props) => <Link {...props} to="/sign-in" search={{ returnTo }} />}>
          Sign in
        </Button>
      </NarrowPage>
    );
  }
  return <SignUpForm first={!setup.hasAccounts} returnTo={returnTo} />;
}

function SignUpForm({ first, returnTo }: { first: boolean; returnTo: string | undefined }) {
  const [working, setWorking] = useState(false);
  const [refusal, setRefusal] = useState<string>();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setWorking(true);
    setRefusal(undefined);
    const answer = await signUp({
      name: String(form.get('name')).trim(),
      email: String(form.get('email')).trim(),
      password: String(form.get('password')),
    });
    if (answer.ok) return location.assign(returnTo ?? '/');
    setRefusal(answer.message);
    setWorking(false);
  }

  return (
    <NarrowPage>
      <PageHeading
        title={first ? 'Create the first account' : 'Create an account'}
        lead={first && 'It becomes the administrator of this Grantway.'}
      />
      <form onSubmit={submit}>
        <Stack gap="md">
          {refusal && (
            <Alert color="red" role="alert">
              {refusal}
            </Alert>
          )}
          <TextInput name="name" label="Name" autoComplete="name" maxLength={100} required withAsterisk={false} />
          <TextInput name="email" type="email" label="Email" autoComplete="username" required withAsterisk={false} />
          <PasswordInput
            name="password"
            label="Password"
            description="At least 8 characters."
            autoComplete="new-password"
            minLength={8}
            maxLength={128}
            required
            withAsterisk={false}
          />
          <Button type="submit" loading={working} fullWidth>
            Create account
          </Button>
        </Stack>
      </form>
      {!first && (
        <Text size="sm" mt="lg" c="dimmed">
          Have an account?{' '}
          <Anchor
            inherit
            underline="always"
            renderRoot={(props) => <Link {...props} to="/sign-in" search={{ returnTo }} />}
          >
            Sign in
          </Anchor>
        </Text>
      )}
    </NarrowPage>
  );
}
