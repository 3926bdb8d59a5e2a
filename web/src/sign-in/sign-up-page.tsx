// Creating an account: the first one, or another where that is open, or where an invitation lets in.
import { Anchor, Text, TextInput } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { NarrowPage } from '../ui/narrow-page.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { mayCreateAccount, type Next, type Setup, signUp } from './account.ts';
import { AccountForm } from './account-form.tsx';
import { EmailField, NewPasswordField } from './fields.tsx';
import { useFragment } from './link-token.ts';
import { NoticePage } from './notice-page.tsx';
import { texts } from './texts.ts';

const route = getRouteApi('/sign-up');

export function SignUpPage() {
  const { setup } = route.useRouteContext();
  const { returnTo } = route.useSearch();
  const invited = useFragment();
  const [done, setDone] = useState<{ next: Next | undefined; email: string }>();
  const invitation = invited.get('invitation') ?? undefined;

  if (done?.next === 'mail') return <NoticePage title={texts.mailTitle} body={texts.mailSignUp(done.email)} />;
  if (done) return <NoticePage title={texts.readyTitle} body={texts.readyBody} returnTo={returnTo} />;
  if (!mayCreateAccount(setup) && !(invitation && setup.passwordSignIn))
    return <NoticePage title={texts.closed} body={texts.closedBody} returnTo={returnTo} />;
  return (
    <SignUpForm
      setup={setup}
      returnTo={returnTo}
      invitation={invitation}
      email={invited.get('email') ?? undefined}
      onDone={(next, email) => (next === 'signed-in' ? location.assign(returnTo ?? '/') : setDone({ next, email }))}
    />
  );
}

interface SignUpFormProps {
  setup: Setup;
  returnTo: string | undefined;
  invitation: string | undefined;
  email: string | undefined;
  onDone: (next: Next | undefined, email: string) => void;
}

function SignUpForm({ setup, returnTo, invitation, email: suggested, onDone }: SignUpFormProps) {
  const first = !setup.hasAccounts;
  // Where mail proves the address, the password is chosen by whoever reads that mail.
  const withPassword = first || !setup.mail;
  const [sent, setSent] = useState('');

  return (
    <NarrowPage>
      <PageHeading title={first ? texts.firstAccount : texts.createAccount} lead={first && texts.firstLead} />
      <AccountForm
        submit={texts.submitSignUp}
        act={({ name = '', email = '', password = '' }) => {
          setSent(email.trim());
          return signUp({ name: name.trim(), email: email.trim(), password, invitation });
        }}
        onDone={({ next }) => onDone(next, sent)}
      >
        <TextInput name="name" label={texts.name} autoComplete="name" maxLength={100} required withAsterisk={false} />
        <EmailField defaultValue={suggested} />
        {withPassword && <NewPasswordField />}
      </AccountForm>
      {!first && (
        <Text size="sm" mt="lg" c="dimmed">
          {texts.haveAccount}{' '}
          <Anchor
            inherit
            underline="always"
            renderRoot={(props) => <Link {...props} to="/sign-in" search={{ returnTo }} />}
          >
            {texts.signIn}
          </Anchor>
        </Text>
      )}
    </NarrowPage>
  );
}
