// Where the links from mails lead: a new password, the password of a new account, a confirmed address. Nothing happens before a click,
// because mail programs open links to look at them.
import { useState } from 'react';
import { NarrowPage } from '../ui/narrow-page.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { type Answer, confirmEmail, finishSignUp, resetPassword } from './account.ts';
import { AccountForm } from './account-form.tsx';
import { NewPasswordField } from './fields.tsx';
import { useFragment } from './link-token.ts';
import { NoticePage } from './notice-page.tsx';
import { texts } from './texts.ts';

interface LinkPageProps {
  title: string;
  lead?: string;
  submit: string;
  withPassword?: boolean;
  act: (token: string, password: string) => Promise<Answer>;
  doneTitle: string;
  doneBody?: string;
}

function LinkPage({ title, lead, submit, withPassword, act, doneTitle, doneBody }: LinkPageProps) {
  const token = useFragment().get('token');
  const [done, setDone] = useState(false);
  if (!token) return <NoticePage title={title} body={texts.noToken} />;
  if (done) return <NoticePage title={doneTitle} body={doneBody} />;
  return (
    <NarrowPage>
      <PageHeading title={title} lead={lead} />
      <AccountForm
        submit={submit}
        act={({ password = '' }) => act(token, password)}
        onDone={({ next }) => (next === 'signed-in' ? location.assign('/') : setDone(true))}
      >
        {withPassword && <NewPasswordField label={texts.newPassword} />}
      </AccountForm>
    </NarrowPage>
  );
}

export const ResetPasswordPage = () => (
  <LinkPage
    title={texts.resetTitle}
    lead={texts.resetLead}
    submit={texts.resetSubmit}
    withPassword
    act={resetPassword}
    doneTitle={texts.resetDone}
    doneBody={texts.resetDoneBody}
  />
);

export const FinishSignUpPage = () => (
  <LinkPage
    title={texts.finishTitle}
    lead={texts.finishLead}
    submit={texts.submitSignUp}
    withPassword
    act={finishSignUp}
    doneTitle={texts.readyTitle}
  />
);

export const VerifyEmailPage = () => (
  <LinkPage title={texts.verifyTitle} submit={texts.verifySubmit} act={confirmEmail} doneTitle={texts.verifyDone} />
);
