// The settings of an organization: its name, its API keys, and the ways in which it ends for one or for all.
import { Alert, Button, Card, Divider, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { Client } from '@urql/core';
import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { graphql } from '../graphql/graphql.ts';
import { load } from '../graphql/load.ts';
import { answered } from '../graphql/outcome.ts';
import { usePageQuery } from '../graphql/use-page-query.ts';
import { PERSONAL } from '../routes/personal.ts';
import { ApiKeyList, ApiKeyList_apiKey } from '../settings/api-keys/api-key-list.tsx';
import { EndDialog } from '../ui/end-dialog.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Failure, ListSkeleton, StaleNotice } from '../ui/states.tsx';
import { useTarget } from '../ui/use-target.ts';
import { useEndOrganization } from './end-organization.ts';
import { NoOrganization } from './no-organization.tsx';
import { isManager } from './roles.ts';
import { page as texts, ending as words } from './texts.ts';

const Organization = graphql(
  `
    query Organization($id: ID!) {
      node(id: $id) {
        __typename
        ... on Organization {
          id
          name
          viewerRole
          members {
            id
            role
          }
          access {
            connections
            people
            clients
          }
          apiKeys {
            ...ApiKeyList_apiKey
          }
        }
      }
    }
  `,
  [ApiKeyList_apiKey],
);

const OrganizationRename = graphql(`
  mutation OrganizationRename($input: OrganizationRenameInput!) {
    organizationRename(input: $input) {
      __typename
      ... on OrganizationRenamePayload {
        organization {
          id
          name
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

const typenames = ['Organization', 'ApiKey', 'Member', 'McpConnection', 'Grant'];
export const loadOrganization = (client: Client, id: string) => load(client, Organization, { id }, typenames);

const route = getRouteApi('/_signed-in/organization');

export function OrganizationPage() {
  const { org = '' } = route.useSearch();
  const navigate = useNavigate();
  const { data, error, refresh } = usePageQuery(Organization, { id: org }, typenames);
  const end = useEndOrganization(org);
  const ending = useTarget<'leave' | 'delete'>();
  const organization = data?.node?.__typename === 'Organization' ? data.node : undefined;

  if (!data) return error ? <Failure title={texts.failed} error={error} retry={refresh} /> : <ListSkeleton />;
  if (!organization && !ending.opened) return <NoOrganization />;
  const name = organization?.name ?? texts.nameless;
  const isLastOwner =
    organization?.viewerRole === 'OWNER' && organization.members.filter(({ role }) => role === 'OWNER').length === 1;
  const acts = organization?.viewerRole === 'OWNER' ? (['leave', 'delete'] as const) : (['leave'] as const);
  return (
    <>
      <PageHeading title={name} />
      {error && <StaleNotice error={error} retry={refresh} />}
      <Stack gap="lg">
        {organization && isManager(organization.viewerRole) && <Rename id={organization.id} name={organization.name} />}
        {organization && organization.apiKeys.length > 0 && (
          <Card
            component="section"
            withBorder
            padding="lg"
            bg="var(--grantway-card)"
            aria-labelledby="organization-keys"
          >
            <Title order={2} id="organization-keys" mb="md">
              {texts.keys}
            </Title>
            <ApiKeyList apiKeys={organization.apiKeys} />
          </Card>
        )}
        <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby="organization-end">
          <Title order={2} id="organization-end" mb="md">
            {texts.danger}
          </Title>
          <Stack gap="md">
            {acts.map((act, index) => (
              <Stack key={act} gap="md">
                {index > 0 && <Divider />}
                <Group justify="space-between" gap="sm">
                  <div style={{ flex: '1 1 16rem' }}>
                    <Text fw={600}>{words[act].title}</Text>
                    <Text size="sm" c="dimmed" id={`${act}-what`}>
                      {act === 'leave' && isLastOwner ? words.onlyOwner : words[act].text}
                    </Text>
                  </div>
                  <Button
                    color="red"
                    variant="outline"
                    disabled={act === 'leave' && isLastOwner}
                    aria-describedby={`${act}-what`}
                    onClick={() => ending.open(act)}
                  >
                    {words[act].button}
                  </Button>
                </Group>
              </Stack>
            ))}
          </Stack>
        </Card>
      </Stack>
      {ending.value && (
        <EndDialog
          opened={ending.opened}
          title={words.ask(words[ending.value].button, name)}
          doneTitle={words[ending.value].done}
          confirm={words[ending.value].button}
          typed={ending.value === 'delete' ? name : undefined}
          act={() => end(ending.value ?? 'leave')}
          onClose={(ended) => (ended ? navigate({ to: '/connections', search: { org: PERSONAL } }) : ending.close())}
        >
          {ending.value === 'delete' && organization?.access && (
            <Text>{words.reach(organization.access, organization.members.length)}</Text>
          )}
          <Text>{words[ending.value].text}</Text>
        </EndDialog>
      )}
    </>
  );
}

function Rename({ id, name }: { id: string; name: string }) {
  const [{ fetching }, rename] = useMutation(OrganizationRename);
  const [refusal, setRefusal] = useState<string>();
  const [saved, setSaved] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const input = { organizationId: id, name: String(new FormData(event.currentTarget).get('name')) };
    const outcome = answered(
      await rename({ input }),
      (data) => data.organizationRename,
      () => null,
    );
    setRefusal('refused' in outcome ? outcome.refused : undefined);
    setSaved('done' in outcome);
  }

  return (
    <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby="organization-name">
      <Title order={2} id="organization-name" mb="md">
        {texts.name}
      </Title>
      <form onSubmit={submit} aria-label={texts.rename}>
        <Group align="flex-end" gap="sm">
          <TextInput
            key={name}
            flex="1 1 14rem"
            name="name"
            label={texts.name}
            defaultValue={name}
            maxLength={80}
            required
            withAsterisk={false}
            error={refusal}
          />
          <Button type="submit" variant="default" loading={fetching}>
            {texts.save}
          </Button>
        </Group>
        {saved && (
          <Alert role="status" mt="md" color="teal">
            {texts.saved}
          </Alert>
        )}
      </form>
    </Card>
  );
}
