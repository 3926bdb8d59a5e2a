// Editing a connection. Says before saving when the change ends grants, and shows the receipt when it did.
import { Alert, Button, Group, Space, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { failureText } from '../graphql/failure.ts';
import { type FragmentOf, graphql, type ResultOf, readFragment } from '../graphql/graphql.ts';
import { unhandled } from '../graphql/outcome.ts';
import { Dialog, FormFoot } from '../ui/dialog.tsx';
import { endsNothing, Receipt, receiptSentence } from '../ui/receipt.ts';
import { useRefusedField } from '../ui/use-refused-field.ts';
import { signsIn } from './auth-mode.ts';
import { AddressField, type ConnectionDraft, type Refusal, SettingFields } from './connection-fields.tsx';
import { FormRefusal } from './form-refusal.tsx';
import { clientsOf, editing as texts } from './form-texts.ts';
import { emptyRow, headerInputs } from './header-rows.tsx';
import { emptyProvider, type ProviderDraft, providerInputs } from './provider-fields.tsx';
import { useDiscovery } from './use-discovery.ts';

export const EditConnection_connection = graphql(`
  fragment EditConnection_connection on McpConnection {
    id
    version
    name
    remoteUrl
    authMode
    access {
      clients
      people
    }
    provider {
      issuer
      scopes
      authorizeParameters {
        name
        value
      }
      pkceUnannounced
    }
  }
`);

const ConnectionUpdate = graphql(
  `
    mutation ConnectionUpdate($input: ConnectionUpdateInput!) {
      connectionUpdate(input: $input) {
        __typename
        ... on ConnectionUpdatePayload {
          connection {
            ...EditConnection_connection
          }
          receipt {
            ...Receipt
          }
        }
        ... on NotFoundError {
          message
        }
        ... on ValidationError {
          message
          field
        }
        ... on ConflictError {
          message
        }
      }
    }
  `,
  [EditConnection_connection, Receipt],
);

type Provider = ResultOf<typeof EditConnection_connection>['provider'];

/** The settings as they are; the client is replaced elsewhere, because it is never shown. */
const draftOf = (provider: Provider): ProviderDraft => ({
  ...emptyProvider,
  ...(provider && {
    issuer: provider.issuer ?? '',
    scopes: [...provider.scopes],
    parameters: provider.authorizeParameters.map(({ name, value }) => `${name}=${value}`),
    pkceUnannounced: provider.pkceUnannounced,
  }),
});

interface Props {
  opened: boolean;
  connection: FragmentOf<typeof EditConnection_connection>;
  onClose: () => void;
}

export function EditConnection({ opened, connection, onClose }: Props) {
  return (
    <Dialog form opened={opened} onClose={onClose} title={texts.title}>
      <EditForm connection={connection} onClose={onClose} />
    </Dialog>
  );
}

function EditForm({ connection: masked, onClose }: Omit<Props, 'opened'>) {
  // What is edited is what was there when the form opened: a refresh behind it must not move the ground, and the
  // version makes the server refuse where someone else has made another server or sign-in of it.
  const [connection] = useState(() => readFragment(EditConnection_connection, masked));
  const [{ fetching }, update] = useMutation(ConnectionUpdate);
  const [refusal, setRefusal] = useState<Refusal>();
  const { form, isBeside } = useRefusedField(refusal);
  const [receipt, setReceipt] = useState<string>();
  const [draft, setDraft] = useState<ConnectionDraft>(() => ({
    name: connection.name,
    remoteUrl: connection.remoteUrl,
    authMode: connection.authMode,
    headers: [emptyRow('Authorization')],
    provider: draftOf(connection.provider),
  }));
  const set = (change: Partial<ConnectionDraft>) => setDraft((now) => ({ ...now, ...change }));
  // Whoever only renames has nothing looked at.
  const isMoved = draft.remoteUrl.trim() !== connection.remoteUrl;
  const { look } = useDiscovery(isMoved || signsIn(draft.authMode) ? draft.remoteUrl : '', () => {});
  const modeChanged = draft.authMode !== connection.authMode;
  const askHeaders = modeChanged && draft.authMode === 'STATIC_HEADERS';
  const provider = signsIn(draft.authMode) ? providerInputs(draft.provider) : undefined;
  const providerChanged =
    provider !== undefined && JSON.stringify(provider) !== JSON.stringify(providerInputs(draftOf(connection.provider)));
  const material = modeChanged || providerChanged || isMoved;
  const { clients = 0, people = 0 } = connection.access ?? {};
  const ends = material && clients > 0 ? clientsOf(clients, people) : undefined;

  async function submit(event: FormEvent) {
    event.preventDefault();
    setRefusal(undefined);
    const { data, error } = await update({
      input: {
        connectionId: connection.id,
        version: connection.version,
        // What was not touched is left out: since the form opened somebody else may have changed just that.
        name: draft.name.trim() === connection.name ? undefined : draft.name.trim(),
        remoteUrl: isMoved ? draft.remoteUrl.trim() : undefined,
        authMode: modeChanged ? draft.authMode : undefined,
        staticHeaders: askHeaders ? headerInputs(draft.headers) : undefined,
        ...(providerChanged ? provider : {}),
      },
    });
    if (error || !data) return setRefusal({ message: failureText(error) });
    const outcome = data.connectionUpdate;
    switch (outcome.__typename) {
      case 'ConnectionUpdatePayload':
        return endsNothing(outcome.receipt) ? onClose() : setReceipt(receiptSentence(outcome.receipt));
      case 'NotFoundError':
      case 'ConflictError':
        return setRefusal({ message: outcome.message });
      case 'ValidationError':
        return setRefusal(outcome);
      default: {
        const unknown = unhandled(outcome);
        if ('refused' in unknown) setRefusal({ message: unknown.refused });
      }
    }
  }

  if (receipt !== undefined) {
    return (
      <Stack>
        <Text role="status">
          {texts.saved} {receipt}
        </Text>
        <Group justify="flex-end">
          <Button onClick={onClose} autoFocus>
            {texts.done}
          </Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form ref={form} onSubmit={submit} aria-label={texts.title}>
      <AddressField
        value={draft.remoteUrl}
        onChange={(remoteUrl) => set({ remoteUrl })}
        look={look}
        refusal={refusal}
      />
      <Space h="lg" />
      <SettingFields
        draft={draft}
        onChange={set}
        askHeaders={askHeaders}
        askClient={false}
        look={look}
        refusal={refusal}
      />
      {ends && (
        <Alert color="orange" mt="lg" role="status" icon={<IconAlertTriangle aria-hidden />} title={texts.ends(ends)}>
          {texts.endsWhat}
        </Alert>
      )}
      <FormRefusal title={texts.refused} message={isBeside ? undefined : refusal?.message} />
      <FormFoot>
        <Button variant="default" onClick={onClose}>
          {texts.cancel}
        </Button>
        <Button type="submit" loading={fetching} color={ends ? 'red' : undefined}>
          {ends ? texts.saveAndEnd : texts.save}
        </Button>
      </FormFoot>
    </form>
  );
}
