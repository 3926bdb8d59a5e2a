// Signing in: with email and password, with single sign-on, or with either.
import { Alert, Anchor, Button, Divider, Stack, Text } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { NarrowPage } from '../ui/narrow-page.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { mayCreateAccount, type Setup, signIn, signOnElsewhere } from './account.ts';
import { AccountForm } from './account-form.tsx';
import { EmailField, PasswordField } from './fields.tsx';
import { signOnText } from './refusal-text.ts';
import { texts } from './texts.ts';

const route = getRouteApi('/sign-in');

export function SignInPage() {
  const { returnTo, error } = route.useSearch();
  const { setup } = route.useRouteContext();
  const [refusal, setRefusal] = useState(error && signOnText(error, setup));

  return (
    <NarrowPage>
      <PageHeading title={texts.signIn} lead={returnTo?.startsWith('/consent/') && texts.consentLead} />
      <Stack gap="md">
        {refusal && (
          <Alert color="red" role="alert">
            {refusal}
          </Alert>
        )}
        {setup.sso && <SignOn name={setup.sso} returnTo={returnTo} onRefused={setRefusal} />}
        {setup.sso && setup.passwordSignIn && <Divider label={texts.or} />}
        {setup.passwordSignIn && (
          <AccountForm
            submit={texts.signIn}
            act={({ email = '', password = '' }) => signIn({ email: email.trim(), password })}
            onDone={() => location.assign(returnTo ?? '/')}
          >
            <EmailField />
            <PasswordField />
          </AccountForm>
        )}
      </Stack>
      <Elsewhere setup={setup} returnTo={returnTo} />
    </NarrowPage>
  );
}

function SignOn(props: { name: string; returnTo: string | undefined; onRefused: (sentence: string) => void }) {
  const [leaving, setLeaving] = useState(false);
  async function leave() {
    setLeaving(true);
    const answer = await signOnElsewhere(props.returnTo);
    if (answer.ok && answer.url) return location.assign(answer.url);
    setLeaving(false);
    if (!answer.ok) props.onRefused(answer.message);
  }
  return (
    <Button variant="default" fullWidth loading={leaving} onClick={leave}>
      {texts.signInWith(props.name)}
    </Button>
  );
}

function Elsewhere({ setup, returnTo }: { setup: Setup; returnTo: string | undefined }) {
  return (
    <Stack gap={6} mt="lg">
      {setup.passwordSignIn && (
        <Text size="sm">
          <Anchor inherit underline="always" renderRoot={(props) => <Link {...props} to="/forgot-password" />}>
            {texts.forgot}
          </Anchor>
        </Text>
      )}
      <Text size="sm" c="dimmed">
        {mayCreateAccount(setup) ? (
          <>
            {texts.noAccount}{' '}
            <Anchor
              inherit
              underline="always"
              renderRoot={(props) => <Link {...props} to="/sign-up" search={{ returnTo }} />}
            >
              {texts.createAccount}
            </Anchor>
          </>
        ) : (
          texts.askAdmin
        )}
      </Text>
    </Stack>
  );
}
