// Confirms rotating, disabling or deleting a connection: what ends, then what has ended.
import { Code, Text } from '@mantine/core';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { EndDialog } from '../ui/end-dialog.tsx';
import type { DangerousAct } from './danger-zone.tsx';
import { useEndConnection } from './end-connection.ts';
import { clientsOf, ending as texts } from './form-texts.ts';

export const EndConnection_connection = graphql(`
  fragment EndConnection_connection on McpConnection {
    id
    name
    url
    access {
      clients
      people
    }
  }
`);

interface Props {
  opened: boolean;
  act: DangerousAct;
  connection: FragmentOf<typeof EndConnection_connection>;
  onClose: (ended: boolean) => void;
}

export function EndConnectionDialog({ opened, act, connection, onClose }: Props) {
  const { id, name, url, access } = readFragment(EndConnection_connection, connection);
  const end = useEndConnection(id);
  const { clients = 0, people = 0 } = access ?? {};
  const who = clients === 0 ? texts.noClients : texts.clients(clientsOf(clients, people), clients);
  return (
    <EndDialog
      opened={opened}
      title={texts[act].ask(name)}
      doneTitle={texts[act].done(name)}
      confirm={texts[act].confirm}
      act={() => end(act)}
      onClose={onClose}
    >
      {act === 'rotate' && (
        <>
          <Text>{texts.address}</Text>
          <Code block className="break-anywhere" style={{ whiteSpace: 'pre-wrap' }}>
            {url}
          </Code>
          <Text>
            {who} {texts.rotated}
          </Text>
        </>
      )}
      {act === 'disable' && (
        <Text>
          {who} {texts.disabled}
        </Text>
      )}
      {act === 'delete' && (
        <Text>
          {who} {texts.deleted}
        </Text>
      )}
    </EndDialog>
  );
}
