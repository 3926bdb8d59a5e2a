// What an invitation offers, and joining: with the account that is signed in, or one that is made for it.
import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { graphql } from '../graphql/graphql.ts';
import { answered } from '../graphql/outcome.ts';
import { usePageQuery } from '../graphql/use-page-query.ts';
import { signOut, signUp } from '../sign-in/account.ts';
import { NarrowPage } from '../ui/narrow-page.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Failure, PageSkeleton } from '../ui/states.tsx';
import { roleNames } from './roles.ts';
import { joining as texts } from './texts.ts';

const Invitation = graphql(`
  query Invitation($key: String!) {
    invitation(key: $key) {
      organizationName
      inviterName
      email
      role
    }
  }
`);

const InvitationAccept = graphql(`
  mutation InvitationAccept($input: InvitationAcceptInput!) {
    invitationAccept(input: $input) {
      __typename
      ... on InvitationAcceptPayload {
        organization {
          id
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

const route = getRouteApi('/invitation');
const here = (): string => location.pathname + location.hash;

export function InvitationPage() {
  const { user, setup } = route.useRouteContext();
  const key = location.hash.slice(1);
  const { data, error, refresh } = usePageQuery(Invitation, { key });
  const [, accept] = useMutation(InvitationAccept);
  const [working, setWorking] = useState(false);
  const [refusal, setRefusal] = useState<string>();

  async function join() {
    setWorking(true);
    const outcome = answered(
      await accept({ input: { key } }),
      (told) => told.invitationAccept,
      ({ organization }) => organization.id,
    );
    // A real navigation: what was loaded before joining knows nothing of the organization.
    if ('done' in outcome) return location.assign(`/connections?org=${encodeURIComponent(outcome.done)}`);
    setRefusal(outcome.refused);
    setWorking(false);
  }

  async function createAndJoin(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setWorking(true);
    const made = await signUp({
      name: String(form.get('name')).trim(),
      email: data?.invitation?.email ?? '',
      password: String(form.get('password')),
      invitation: key,
    });
    if (made.ok) return join();
    setRefusal(made.message);
    setWorking(false);
  }

  async function switchAccount() {
    await signOut();
    location.assign(`/sign-in?returnTo=${encodeURIComponent(here())}`);
  }

  if (!data) {
    return (
      <NarrowPage>
        {error ? <Failure title={texts.failed} error={error} retry={refresh} /> : <PageSkeleton />}
      </NarrowPage>
    );
  }
  const offer = data.invitation;
  if (!offer) {
    return (
      <NarrowPage>
        <PageHeading title={texts.over} />
        <Text>{texts.overHow}</Text>
      </NarrowPage>
    );
  }
  const mayMakeAccount = setup.signUp !== 'first' && setup.hasAccounts && setup.passwordSignIn;
  return (
    <NarrowPage>
      <PageHeading
        title={texts.title(offer.organizationName)}
        lead={texts.lead(offer.inviterName, offer.email, roleNames[offer.role].toLowerCase())}
      />
      <Stack gap="md">
        {refusal && (
          <Alert color="red" role="alert">
            {refusal}
          </Alert>
        )}
        {user?.email === offer.email && (
          <Button fullWidth loading={working} onClick={join}>
            {texts.join(user.name)}
          </Button>
        )}
        {user && user.email !== offer.email && (
          <>
            <Text>{texts.otherAccount(user.email, offer.email)}</Text>
            <Button fullWidth variant="default" onClick={switchAccount}>
              {texts.switch}
            </Button>
          </>
        )}
        {!user && (
          <>
            {mayMakeAccount && (
              <form onSubmit={createAndJoin} aria-label={texts.form}>
                <Stack gap="md">
                  <TextInput label={texts.email} value={offer.email} readOnly autoComplete="username" />
                  <TextInput
                    name="name"
                    label={texts.name}
                    autoComplete="name"
                    maxLength={80}
                    required
                    withAsterisk={false}
                  />
                  <PasswordInput
                    name="password"
                    label={texts.password}
                    description={texts.passwordRule}
                    autoComplete="new-password"
                    minLength={8}
                    maxLength={128}
                    required
                    withAsterisk={false}
                  />
                  <Button type="submit" loading={working} fullWidth>
                    {texts.create}
                  </Button>
                </Stack>
              </form>
            )}
            {setup.signUp === 'first' && <Text>{texts.noNewAccounts(offer.email)}</Text>}
            <Button fullWidth variant="default" component="a" href={`/sign-in?returnTo=${encodeURIComponent(here())}`}>
              {texts.signIn}
            </Button>
          </>
        )}
      </Stack>
    </NarrowPage>
  );
}
