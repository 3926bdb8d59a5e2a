// Replacing the static headers of a connection: all of them at once, since the old values are never shown.
import { Button, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { failureText } from '../graphql/failure.ts';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { unhandled } from '../graphql/outcome.ts';
import { Dialog, FormFoot } from '../ui/dialog.tsx';
import { FormRefusal } from './form-refusal.tsx';
import { replacing as texts } from './form-texts.ts';
import { emptyRow, HeaderRows, headerInputs } from './header-rows.tsx';

export const ReplaceHeaders_connection = graphql(`
  fragment ReplaceHeaders_connection on McpConnection {
    id
    staticHeaderNames
  }
`);

const ConnectionSetStaticHeaders = graphql(
  `
    mutation ConnectionSetStaticHeaders($input: ConnectionSetStaticHeadersInput!) {
      connectionSetStaticHeaders(input: $input) {
        __typename
        ... on ConnectionSetStaticHeadersPayload {
          connection {
            ...ReplaceHeaders_connection
          }
        }
        ... on NotFoundError {
          message
        }
        ... on ValidationError {
          message
        }
      }
    }
  `,
  [ReplaceHeaders_connection],
);

interface Props {
  opened: boolean;
  connection: FragmentOf<typeof ReplaceHeaders_connection>;
  onClose: () => void;
}

export function ReplaceHeaders({ opened, connection, onClose }: Props) {
  return (
    <Dialog form opened={opened} onClose={onClose} title={texts.headers}>
      <ReplaceForm connection={connection} onClose={onClose} />
    </Dialog>
  );
}

function ReplaceForm({ connection: masked, onClose }: Omit<Props, 'opened'>) {
  const connection = readFragment(ReplaceHeaders_connection, masked);
  const [{ fetching }, replace] = useMutation(ConnectionSetStaticHeaders);
  const [refusal, setRefusal] = useState<string>();
  const [rows, setRows] = useState(() =>
    connection.staticHeaderNames.length > 0 ? connection.staticHeaderNames.map((name) => emptyRow(name)) : [emptyRow()],
  );

  async function submit(event: FormEvent) {
    event.preventDefault();
    setRefusal(undefined);
    const { data, error } = await replace({
      input: { connectionId: connection.id, staticHeaders: headerInputs(rows) },
    });
    if (error || !data) return setRefusal(failureText(error));
    const outcome = data.connectionSetStaticHeaders;
    switch (outcome.__typename) {
      case 'ConnectionSetStaticHeadersPayload':
        return onClose();
      case 'NotFoundError':
      case 'ValidationError':
        return setRefusal(outcome.message);
      default: {
        const unknown = unhandled(outcome);
        if ('refused' in unknown) setRefusal(unknown.refused);
      }
    }
  }

  return (
    <form onSubmit={submit} aria-label={texts.headers}>
      <Text size="sm" mb="md">
        {texts.headersLead}
      </Text>
      <HeaderRows rows={rows} onChange={setRows} />
      <FormRefusal title={texts.headersRefused} message={refusal} />
      <FormFoot>
        <Button variant="default" onClick={onClose}>
          {texts.cancel}
        </Button>
        <Button type="submit" loading={fetching}>
          {texts.headers}
        </Button>
      </FormFoot>
    </form>
  );
}
