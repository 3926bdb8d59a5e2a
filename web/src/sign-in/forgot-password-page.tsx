// Asking for a link to a new password.
import { Anchor, Text } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { NarrowPage } from '../ui/narrow-page.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { forgotPassword } from './account.ts';
import { AccountForm } from './account-form.tsx';
import { EmailField } from './fields.tsx';
import { NoticePage } from './notice-page.tsx';
import { texts } from './texts.ts';

const route = getRouteApi('/forgot-password');

export function ForgotPasswordPage() {
  const { setup } = route.useRouteContext();
  const [sent, setSent] = useState<{ to: string; done: boolean }>({ to: '', done: false });
  if (!setup.mail) return <NoticePage title={texts.forgotTitle} body={texts.forgotNoMail} />;
  if (sent.done) return <NoticePage title={texts.mailTitle} body={texts.mailForgot(sent.to)} />;
  return (
    <NarrowPage>
      <PageHeading title={texts.forgotTitle} lead={texts.forgotLead} />
      <AccountForm
        submit={texts.sendLink}
        act={({ email = '' }) => {
          setSent({ to: email.trim(), done: false });
          return forgotPassword(email.trim());
        }}
        onDone={() => setSent(({ to }) => ({ to, done: true }))}
      >
        <EmailField />
      </AccountForm>
      <Text size="sm" mt="lg">
        <Anchor inherit underline="always" renderRoot={(props) => <Link {...props} to="/sign-in" />}>
          {texts.backToSignIn}
        </Anchor>
      </Text>
    </NarrowPage>
  );
}
