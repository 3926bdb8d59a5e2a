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
import { making as texts } from './texts.ts';

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
  { value: String(30 * DAY), label: texts.days(30) },
  { value: String(90 * DAY), label: texts.days(90) },
  { value: String(365 * DAY), label: texts.year },
  { value: '', label: texts.open },
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
        {texts.title}
      </Title>
      {outcome && 'done' in outcome && (
        <Alert color="teal" role="status" mb="lg" title={texts.made}>
          <Stack gap="xs">
            <Text size="sm">{texts.copyNow}</Text>
            <CopyableCode value={outcome.done} label={texts.copy} />
          </Stack>
        </Alert>
      )}
      <form onSubmit={submit} aria-label={texts.form}>
        <Stack gap="md">
          <TextInput
            name="name"
            label={texts.name}
            description={texts.nameHint}
            maxLength={80}
            required
            withAsterisk={false}
          />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <NativeSelect name="lifetime" label={texts.lasts} data={lifetimes} />
            {organizations.length > 0 && (
              <NativeSelect
                name="organization"
                label={texts.owner}
                data={[
                  { value: '', label: texts.everywhere },
                  ...organizations.map(({ id, name }) => ({ value: id, label: texts.only(name) })),
                ]}
              />
            )}
          </SimpleGrid>
          <Checkbox.Group label={texts.scopes}>
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
              {texts.submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
