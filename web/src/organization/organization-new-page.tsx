// Making an organization.
import { Button, Card, Group, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { graphql } from '../graphql/graphql.ts';
import { answered } from '../graphql/outcome.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { creating as texts } from './texts.ts';

const OrganizationCreate = graphql(`
  mutation OrganizationCreate($input: OrganizationCreateInput!) {
    organizationCreate(input: $input) {
      __typename
      ... on OrganizationCreatePayload {
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

export function OrganizationNewPage() {
  const navigate = useNavigate();
  const [{ fetching }, create] = useMutation(OrganizationCreate);
  const [refusal, setRefusal] = useState<string>();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('name'));
    const outcome = answered(
      await create({ input: { name } }, { additionalTypenames: ['Organization'] }),
      (data) => data.organizationCreate,
      ({ organization }) => organization.id,
    );
    if ('refused' in outcome) setRefusal(outcome.refused);
    else navigate({ to: '/members', search: { org: outcome.done } });
  }

  return (
    <>
      <PageHeading title={texts.title} lead={texts.lead} />
      <Card withBorder padding="lg" bg="var(--grantway-card)" maw="40rem">
        <form onSubmit={submit} aria-label={texts.title}>
          <TextInput name="name" label={texts.name} maxLength={80} required withAsterisk={false} error={refusal} />
          <Group justify="flex-end" mt="xl">
            <Button type="submit" loading={fetching}>
              {texts.submit}
            </Button>
          </Group>
        </form>
      </Card>
    </>
  );
}
