// Creating a connection.
import { Alert, Anchor, Button, Card, Group } from '@mantine/core';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { failureText } from '../graphql/failure.ts';
import { graphql } from '../graphql/graphql.ts';
import { unhandled } from '../graphql/outcome.ts';
import { SharingField, type SharingMode } from '../organization/sharing-field.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { signsIn } from './auth-mode.ts';
import { type ConnectionDraft, ConnectionFields } from './connection-fields.tsx';
import { creating as texts } from './form-texts.ts';
import { emptyRow, headerInputs } from './header-rows.tsx';
import { emptyProvider, providerInputs } from './provider-fields.tsx';
import { discovery } from './provider-texts.ts';
import { type Found, useDiscovery } from './use-discovery.ts';

const ConnectionCreate = graphql(`
  mutation ConnectionCreate($input: ConnectionCreateInput!) {
    connectionCreate(input: $input) {
      __typename
      ... on ConnectionCreatePayload {
        connection {
          id
        }
      }
      ... on ValidationError {
        message
        field
      }
    }
  }
`);

const route = getRouteApi('/_signed-in/connections/new');

export function ConnectionNewPage() {
  const navigate = useNavigate();
  const { org } = route.useSearch();
  const [sharingMode, setSharingMode] = useState<SharingMode>('MULTI_USER');
  const [{ fetching }, create] = useMutation(ConnectionCreate);
  const [refusal, setRefusal] = useState<{ message: string; field?: string | null }>();
  const [draft, setDraft] = useState<ConnectionDraft>(() => ({
    name: '',
    remoteUrl: '',
    authMode: 'NONE',
    headers: [emptyRow('Authorization')],
    provider: emptyProvider,
  }));
  // What a person picked themselves, no look at the server changes.
  const [picked, setPicked] = useState(false);
  const follow = (found: Found) => {
    if (!picked) setDraft((now) => ({ ...now, authMode: found.authMode }));
  };
  const { look, lookNow } = useDiscovery(draft.remoteUrl, follow);
  const withHeaders = draft.authMode === 'STATIC_HEADERS';
  const withClient = draft.authMode === 'OAUTH_STATIC';

  async function submit(event: FormEvent) {
    event.preventDefault();
    setRefusal(undefined);
    let { authMode } = draft;
    if (!picked && look.state !== 'found') {
      // Faster than the look: without it the server might be taken for one that lets anyone in.
      const seen = await lookNow();
      if (seen.state === 'found') authMode = seen.found.authMode;
      if (authMode === 'OAUTH_STATIC') return setRefusal({ message: discovery.byHand, field: 'providerClientId' });
      if (authMode === 'STATIC_HEADERS') return setRefusal({ message: discovery.credentials, field: 'staticHeaders' });
    }
    const { clientId, clientSecret } = draft.provider;
    const { data, error } = await create({
      input: {
        ...(org ? { organizationId: org, sharingMode } : {}),
        name: draft.name.trim(),
        remoteUrl: draft.remoteUrl.trim(),
        authMode,
        staticHeaders: withHeaders ? headerInputs(draft.headers) : undefined,
        ...(signsIn(authMode) ? providerInputs(draft.provider) : {}),
        ...(withClient ? { providerClientId: clientId.trim(), providerClientSecret: clientSecret || undefined } : {}),
      },
    });
    if (error || !data) return setRefusal({ message: failureText(error) });
    const outcome = data.connectionCreate;
    switch (outcome.__typename) {
      case 'ConnectionCreatePayload':
        return navigate({ to: '/connections/$id', params: { id: outcome.connection.id } });
      case 'ValidationError':
        return setRefusal(outcome);
      default: {
        const unknown = unhandled(outcome);
        if ('refused' in unknown) setRefusal({ message: unknown.refused });
      }
    }
  }

  return (
    <>
      <PageHeading
        title={texts.title}
        lead={texts.lead}
        above={
          <Anchor size="sm" renderRoot={(root) => <Link {...root} to="/connections" />}>
            {texts.back}
          </Anchor>
        }
      />
      <Card withBorder padding="lg" bg="var(--grantway-card)" maw="40rem">
        <form onSubmit={submit} aria-label={texts.title}>
          <ConnectionFields
            draft={draft}
            onChange={(change) => {
              if (change.authMode) setPicked(true);
              setDraft((now) => ({ ...now, ...change }));
            }}
            askHeaders={withHeaders}
            askClient={withClient}
            look={look}
            refusal={refusal}
          />
          {org && <SharingField value={sharingMode} onChange={setSharingMode} />}
          {refusal && (
            <Alert color="red" role="alert" mt="lg" title={texts.refused}>
              {refusal.message}
            </Alert>
          )}
          <Group justify="flex-end" mt="xl">
            <Button variant="default" renderRoot={(root) => <Link {...root} to="/connections" />}>
              {texts.cancel}
            </Button>
            <Button type="submit" loading={fetching}>
              {texts.submit}
            </Button>
          </Group>
        </form>
      </Card>
    </>
  );
}
