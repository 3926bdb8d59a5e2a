// Entering the client that a provider handed out, in place of the one before: its secret is never shown.
import { Alert, Button, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { failureText } from '../graphql/failure.ts';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { unhandled } from '../graphql/outcome.ts';
import { Dialog, FormFoot } from '../ui/dialog.tsx';
import { clientsOf, replacing } from './form-texts.ts';
import { ClientFields, emptyProvider, isSame } from './provider-fields.tsx';
import { fields, settings as texts } from './provider-texts.ts';

export const ReplaceClient_connection = graphql(`
  fragment ReplaceClient_connection on McpConnection {
    id
    access {
      clients
      people
    }
    provider {
      issuer
      callbackUrl
      client {
        clientId
      }
    }
  }
`);

const ConnectionSetProviderClient = graphql(
  `
    mutation ConnectionSetProviderClient($input: ConnectionSetProviderClientInput!) {
      connectionSetProviderClient(input: $input) {
        __typename
        ... on ConnectionSetProviderClientPayload {
          connection {
            ...ReplaceClient_connection
          }
        }
        ... on NotFoundError {
          message
        }
        ... on ValidationError {
          message
          field
        }
      }
    }
  `,
  [ReplaceClient_connection],
);

interface Props {
  opened: boolean;
  connection: FragmentOf<typeof ReplaceClient_connection>;
  onClose: () => void;
}

export function ReplaceClient({ opened, connection, onClose }: Props) {
  const { provider } = readFragment(ReplaceClient_connection, connection);
  return (
    <Dialog form opened={opened} onClose={onClose} title={provider?.client ? texts.replace : texts.enter}>
      <ReplaceForm connection={connection} onClose={onClose} />
    </Dialog>
  );
}

function ReplaceForm({ connection: masked, onClose }: Omit<Props, 'opened'>) {
  const { id, provider, access } = readFragment(ReplaceClient_connection, masked);
  const [{ fetching }, set] = useMutation(ConnectionSetProviderClient);
  const [refusal, setRefusal] = useState<{ message: string; field?: string | null }>();
  const [draft, setDraft] = useState({ ...emptyProvider, issuer: provider?.issuer ?? '' });
  const errorOf = (field: string) => (refusal?.field === field ? refusal.message : undefined);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setRefusal(undefined);
    const { data, error } = await set({
      input: {
        connectionId: id,
        providerIssuer: draft.issuer.trim() || undefined,
        providerClientId: draft.clientId.trim(),
        providerClientSecret: draft.clientSecret || undefined,
      },
    });
    if (error || !data) return setRefusal({ message: failureText(error) });
    const outcome = data.connectionSetProviderClient;
    switch (outcome.__typename) {
      case 'ConnectionSetProviderClientPayload':
        return onClose();
      case 'NotFoundError':
        return setRefusal({ message: outcome.message });
      case 'ValidationError':
        return setRefusal(outcome);
      default: {
        const unknown = unhandled(outcome);
        if ('refused' in unknown) setRefusal({ message: unknown.refused });
      }
    }
  }

  return (
    <form onSubmit={submit} aria-label={texts.replace}>
      <Stack gap="md">
        {provider?.client && (
          <Text size="sm">
            {texts.replaceLead} {access && access.clients > 0 && texts.ends(clientsOf(access.clients, access.people))}
          </Text>
        )}
        <TextInput
          label={fields.issuer}
          description={fields.issuerHint}
          value={draft.issuer}
          onChange={(event) => setDraft({ ...draft, issuer: event.currentTarget.value })}
          error={errorOf('providerIssuer')}
          spellCheck={false}
          maxLength={2000}
        />
        <ClientFields
          draft={draft}
          onChange={(change) => setDraft({ ...draft, ...change })}
          callbackUrl={
            isSame(draft.issuer.trim() || provider?.issuer, provider?.issuer) ? provider?.callbackUrl : undefined
          }
          errorOf={errorOf}
        />
        {refusal && (
          <Alert color="red" role="alert" title={texts.refused}>
            {refusal.message}
          </Alert>
        )}
      </Stack>
      <FormFoot>
        <Button variant="default" onClick={onClose}>
          {replacing.cancel}
        </Button>
        <Button type="submit" loading={fetching}>
          {replacing.saveClient}
        </Button>
      </FormFoot>
    </form>
  );
}
