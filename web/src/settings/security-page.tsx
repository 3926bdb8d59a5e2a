// One's own security: how one signs in, the password, and the sessions.
import { Alert, Button, Card, Checkbox, Stack, Text, Title } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import type { Client } from '@urql/core';
import { type ReactNode, useId, useState } from 'react';
import { graphql } from '../graphql/graphql.ts';
import { load } from '../graphql/load.ts';
import { usePageQuery } from '../graphql/use-page-query.ts';
import { askToConfirmEmail, changePassword } from '../sign-in/account.ts';
import { AccountForm } from '../sign-in/account-form.tsx';
import { NewPasswordField, PasswordField } from '../sign-in/fields.tsx';
import { texts as accountTexts } from '../sign-in/texts.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { Failure, ListSkeleton, StaleNotice } from '../ui/states.tsx';
import { OwnDataButton } from './own-data.tsx';
import { SessionsList, SessionsList_session } from './sessions-list.tsx';
import { texts } from './texts.ts';

const Security = graphql(
  `
    query Security {
      viewer {
        signInMethods
        emailVerified
        user {
          id
          email
        }
        sessions {
          ...SessionsList_session
        }
      }
    }
  `,
  [SessionsList_session],
);

const typenames = ['Session'];

export const loadSecurity = (client: Client) => load(client, Security, {}, typenames);

const route = getRouteApi('/_signed-in/settings/security');

export function SecurityPage() {
  const { setup } = route.useRouteContext();
  const page = usePageQuery(Security, {}, typenames);
  const viewer = page.data?.viewer;
  return (
    <>
      <PageHeading title={texts.title} lead={texts.lead} />
      {page.error && viewer && <StaleNotice error={page.error} retry={page.refresh} />}
      {!viewer && !page.error && <ListSkeleton height={72} />}
      {!viewer && page.error && <Failure title={texts.failed} error={page.error} retry={page.refresh} />}
      {viewer && (
        <Stack gap="lg">
          <Section title={texts.methods}>
            <Text>
              {texts.with(
                viewer.signInMethods.map((method) =>
                  method === 'PASSWORD' ? texts.password : (setup.sso ?? texts.singleSignOn),
                ),
              )}
            </Text>
            <Email email={viewer.user.email} isConfirmed={viewer.emailVerified} mail={setup.mail} />
          </Section>
          {viewer.signInMethods.includes('PASSWORD') && setup.passwordSignIn && (
            <Section title={texts.changePassword} lead={texts.changeLead}>
              <ChangePassword onDone={page.refresh} />
            </Section>
          )}
          <Section title={texts.sessions} lead={texts.sessionsLead}>
            <SessionsList sessions={viewer.sessions} refresh={page.refresh} />
          </Section>
          <Section title={texts.export} lead={texts.exportLead}>
            <div>
              <Button component="a" href="/api/audit-events?format=csv" download variant="default">
                {texts.exportCsv}
              </Button>
            </div>
          </Section>
          <Section title={texts.ownData} lead={texts.ownDataLead}>
            <OwnDataButton />
          </Section>
        </Stack>
      )}
    </>
  );
}

function Section({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  const id = useId();
  return (
    <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby={id}>
      <Title order={2} id={id} mb={4}>
        {title}
      </Title>
      {lead && (
        <Text c="dimmed" size="sm" mb="sm" maw="44rem">
          {lead}
        </Text>
      )}
      {children}
    </Card>
  );
}

function Email({ email, isConfirmed, mail }: { email: string; isConfirmed: boolean; mail: boolean }) {
  const [answer, setAnswer] = useState<string>();
  return (
    <>
      <Text className="break-anywhere" mt="xs">
        {texts.email}: {email}
      </Text>
      <Text size="sm" c="dimmed">
        {isConfirmed ? texts.confirmed : mail ? texts.unconfirmed : texts.noMail}
      </Text>
      {!isConfirmed && mail && (
        <Stack mt="xs" align="flex-start">
          <Button
            size="xs"
            variant="default"
            onClick={async () => {
              const sent = await askToConfirmEmail();
              setAnswer(sent.ok ? texts.linkSent : sent.message);
            }}
          >
            {texts.sendLink}
          </Button>
        </Stack>
      )}
      <Text role="status" size="sm">
        {answer}
      </Text>
    </>
  );
}

function ChangePassword({ onDone }: { onDone: () => void }) {
  const [changed, setChanged] = useState(false);
  return (
    <Stack gap="md" maw="28rem">
      {changed && (
        <Alert color="teal" role="status">
          {texts.changed}
        </Alert>
      )}
      <AccountForm
        submit={texts.changeSubmit}
        act={({ current = '', password = '', endApiKeys }) => {
          setChanged(false);
          return changePassword(current, password, endApiKeys !== undefined);
        }}
        onDone={() => {
          setChanged(true);
          onDone();
        }}
      >
        <PasswordField name="current" label={accountTexts.currentPassword} />
        <NewPasswordField label={accountTexts.newPassword} />
        <Checkbox name="endApiKeys" label={texts.endApiKeys} description={texts.endApiKeysHint} />
      </AccountForm>
    </Stack>
  );
}
