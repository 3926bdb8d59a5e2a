// Making an API key: it is shown this once.
import {
  Alert,
  Button,
  Card,
  Checkbox,
  Group,
  NativeSelect,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { type FragmentOf, graphql, readFragment } from '../../graphql/graphql.ts';
import { answered, type Outcome } from '../../graphql/outcome.ts';
import { CopyableCode } from '../../ui/copyable.tsx';
import { type ApiKeyScope, scopeNames } from './scope-names.ts';

export const NewApiKey_organization = graphql(`
  fragment NewApiKey_organization on Organization {
    id
    name
  }
`);

const ApiKeyCreate = graphql(`
  mutation ApiKeyCreate($input: ApiKeyCreateInput!) {
    apiKeyCreate(input: $input) {
      __typename
      ... on ApiKeyCreatePayload {
        key
        apiKey {
          id
        }
      }
      ... on Error {
        message
      }
    }
  }
`);

const DAY = 86_400;
const lifetimes = [
  { value: String(30 * DAY), label: '30 days' },
  { value: String(90 * DAY), label: '90 days' },
  { value: String(365 * DAY), label: 'One year' },
  { value: '', label: 'Until I revoke it' },
];

export function NewApiKey(props: { organizations: readonly FragmentOf<typeof NewApiKey_organization>[] }) {
  const organizations = readFragment(NewApiKey_organization, props.organizations);
  const [{ fetching }, create] = useMutation(ApiKeyCreate);
  const [outcome, setOutcome] = useState<Outcome<string>>();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const lifetime = String(fields.get('lifetime'));
    const input = {
      name: String(fields.get('name')),
      organizationId: String(fields.get('organization') ?? '') || null,
      scopes: fields.getAll('scope') as ApiKeyScope[],
      expiresIn: lifetime ? Number(lifetime) : null,
    };
    const answer = await create({ input }, { additionalTypenames: ['ApiKey'] });
    const made = answered(
      answer,
      (data) => data.apiKeyCreate,
      ({ key }) => key,
    );
    setOutcome(made);
    if ('done' in made) form.reset();
  }

  return (
    <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby="new-key">
      <Title order={2} id="new-key" mb="md">
        New key
      </Title>
      {outcome && 'done' in outcome && (
        <Alert color="teal" role="status" mb="lg" title="This is your key">
          <Stack gap="xs">
            <Text size="sm">Copy it now: it is not shown again. Send it as Authorization: Bearer.</Text>
            <CopyableCode value={outcome.done} label="Copy the API key" />
          </Stack>
        </Alert>
      )}
      <form onSubmit={submit} aria-label="New API key">
        <Stack gap="md">
          <TextInput
            name="name"
            label="Name"
            description="What will use it."
            maxLength={80}
            required
            withAsterisk={false}
          />
          <Group grow>
            <NativeSelect name="lifetime" label="Lasts" data={lifetimes} />
            {organizations.length > 0 && (
              <NativeSelect
                name="organization"
                label="For"
                data={[
                  { value: '', label: 'Me, wherever I am' },
                  ...organizations.map(({ id, name }) => ({ value: id, label: `${name} only` })),
                ]}
              />
            )}
          </Group>
          <Checkbox.Group label="What it may do">
            <SimpleGrid cols={{ base: 1, sm: 2 }} mt="xs" spacing="xs">
              {Object.entries(scopeNames).map(([value, { name, what }]) => (
                <Checkbox key={value} name="scope" value={value} label={what} description={name} />
              ))}
            </SimpleGrid>
          </Checkbox.Group>
          {outcome && 'refused' in outcome && (
            <Alert color="red" role="alert">
              {outcome.refused}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button type="submit" loading={fetching}>
              Create key
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
