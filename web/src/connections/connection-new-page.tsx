// Creating a connection in two steps: where the server is, and how it is to be used.
import { Anchor, Card, Text, Title } from '@mantine/core';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useMutation } from 'urql';
import { failureText } from '../graphql/failure.ts';
import { graphql } from '../graphql/graphql.ts';
import { unhandled } from '../graphql/outcome.ts';
import { SharingField, type SharingMode } from '../organization/sharing-field.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { AddressStep } from './address-step.tsx';
import { signsIn } from './auth-mode.ts';
import type { ConnectionDraft, Refusal } from './connection-fields.tsx';
import { creating as texts } from './form-texts.ts';
import { emptyRow, headerInputs } from './header-rows.tsx';
import { emptyProvider, providerInputs } from './provider-fields.tsx';
import { SettingsStep } from './settings-step.tsx';
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
  const { org, step: asked } = route.useSearch();
  const [sharingMode, setSharingMode] = useState<SharingMode>('MULTI_USER');
  const [{ fetching }, create] = useMutation(ConnectionCreate);
  const [refusal, setRefusal] = useState<Refusal>();
  const [draft, setDraft] = useState<ConnectionDraft>(() => ({
    name: '',
    remoteUrl: '',
    authMode: 'NONE',
    headers: [emptyRow('Authorization')],
    provider: emptyProvider,
  }));
  // What a person picked or wrote themselves, no look at the server changes.
  const own = useRef({ mode: false, name: false });
  const suggestName = ({ name }: Found) => {
    if (!own.current.name) setDraft((now) => ({ ...now, name: name ?? '' }));
  };
  const { look, lookNow, lookAgain } = useDiscovery(draft.remoteUrl, (found) => {
    suggestName(found);
    if (!own.current.mode) setDraft((now) => ({ ...now, authMode: found.authMode }));
  });
  // Which step is a matter of the address, so that the browser's Back goes back; the second is there once the first was left forwards.
  const [passed, setPassed] = useState(false);
  const step = asked && passed ? 'settings' : 'address';
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current !== step) heading.current?.focus();
    shown.current = step;
  }, [step]);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setRefusal(undefined);
    const { authMode, provider } = draft;
    const client = {
      providerClientId: provider.clientId.trim(),
      providerClientSecret: provider.clientSecret || undefined,
    };
    const { data, error } = await create({
      input: {
        ...(org ? { organizationId: org, sharingMode } : {}),
        name: draft.name.trim(),
        remoteUrl: draft.remoteUrl.trim(),
        authMode,
        staticHeaders: authMode === 'STATIC_HEADERS' ? headerInputs(draft.headers) : undefined,
        ...(signsIn(authMode) ? providerInputs(provider) : {}),
        ...(authMode === 'OAUTH_STATIC' ? client : {}),
      },
    });
    if (error || !data) return setRefusal({ message: failureText(error) });
    const outcome = data.connectionCreate;
    switch (outcome.__typename) {
      case 'ConnectionCreatePayload':
        return navigate({ to: '/connections/$id', params: { id: outcome.connection.id } });
      case 'ValidationError':
        setRefusal(outcome);
        if (outcome.field === 'remoteUrl') setPassed(false);
        return;
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
            {texts.list}
          </Anchor>
        }
      />
      <Card withBorder padding="lg" bg="var(--grantway-card)" maw="40rem">
        <Title order={2} size="h3" ref={heading} tabIndex={-1}>
          {texts.steps[step]}
        </Title>
        <Text c="dimmed" size="sm" mt={4} mb="lg">
          {texts.stepLead[step]}
        </Text>
        {step === 'address' ? (
          <AddressStep
            remoteUrl={draft.remoteUrl}
            onChange={(remoteUrl) => setDraft((now) => ({ ...now, remoteUrl }))}
            look={look}
            lookNow={lookNow}
            lookAgain={lookAgain}
            refusal={refusal}
            onNext={() => {
              setRefusal(undefined);
              setPassed(true);
              navigate({ to: '.', search: { step: 'settings' } });
            }}
          />
        ) : (
          <SettingsStep
            draft={draft}
            onChange={(change) => {
              if (change.authMode) own.current.mode = true;
              if (change.name !== undefined) own.current.name = true;
              setDraft((now) => ({ ...now, ...change }));
            }}
            look={look}
            onTried={suggestName}
            refusal={refusal}
            saving={fetching}
            onBack={() => window.history.back()}
            onSubmit={submit}
          >
            {org && <SharingField value={sharingMode} onChange={setSharingMode} />}
          </SettingsStep>
        )}
      </Card>
    </>
  );
}
