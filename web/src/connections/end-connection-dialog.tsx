// Confirms rotating, disabling or deleting a connection: what ends, then what has ended.
import { Code, Text } from '@mantine/core';
import { EndDialog } from '../ui/end-dialog.tsx';
import { grantCount } from './auth-mode.ts';
import type { DangerousAct } from './danger-zone.tsx';
import { useEndConnection } from './end-connection.ts';

interface Props {
  opened: boolean;
  act: DangerousAct;
  connection: { id: string; name: string; url: string; activeGrantCount: number };
  onClose: (ended: boolean) => void;
}

const words: Record<DangerousAct, { ask: (name: string) => string; done: (name: string) => string; confirm: string }> =
  {
    rotate: {
      ask: (name) => `Rotate the connect URL of ${name}?`,
      done: (name) => `${name} has a new connect URL`,
      confirm: 'Rotate URL',
    },
    disable: {
      ask: (name) => `Disable ${name}?`,
      done: (name) => `${name} is disabled`,
      confirm: 'Disable connection',
    },
    delete: { ask: (name) => `Delete ${name}?`, done: (name) => `${name} is deleted`, confirm: 'Delete connection' },
  };

export function EndConnectionDialog({ opened, act, connection, onClose }: Props) {
  const end = useEndConnection(connection.id);
  const { name, url, activeGrantCount: count } = connection;
  const grants = count === 0 ? 'No client has access now.' : `${grantCount(count)} and all open sessions end at once.`;
  return (
    <EndDialog
      opened={opened}
      title={words[act].ask(name)}
      doneTitle={words[act].done(name)}
      confirm={words[act].confirm}
      act={() => end(act)}
      onClose={onClose}
    >
      {act === 'rotate' && (
        <>
          <Text>This address stops working, for everyone who has it:</Text>
          <Code block className="break-anywhere" style={{ whiteSpace: 'pre-wrap' }}>
            {url}
          </Code>
          <Text>{grants} Clients must be given the new address and ask for your permission again.</Text>
        </>
      )}
      {act === 'disable' && (
        <Text>{grants} Nothing comes back by itself: after enabling it again, every client must ask anew.</Text>
      )}
      {act === 'delete' && (
        <Text>{grants} Its address stops working and its credentials are forgotten. This cannot be undone.</Text>
      )}
    </EndDialog>
  );
}
