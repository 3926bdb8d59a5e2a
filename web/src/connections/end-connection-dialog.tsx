// Confirms rotating, disabling or deleting a connection: what ends, then what has ended.
import { Code, Text } from '@mantine/core';
import { EndDialog } from '../ui/end-dialog.tsx';
import { grantCount } from './auth-mode.ts';
import type { DangerousAct } from './danger-zone.tsx';
import { useEndConnection } from './end-connection.ts';
import { ending as texts } from './form-texts.ts';

interface Props {
  opened: boolean;
  act: DangerousAct;
  connection: { id: string; name: string; url: string; activeGrantCount: number };
  onClose: (ended: boolean) => void;
}

export function EndConnectionDialog({ opened, act, connection, onClose }: Props) {
  const end = useEndConnection(connection.id);
  const { name, url, activeGrantCount: count } = connection;
  const grants = count === 0 ? texts.noGrants : texts.grants(grantCount(count));
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
            {grants} {texts.rotated}
          </Text>
        </>
      )}
      {act === 'disable' && (
        <Text>
          {grants} {texts.disabled}
        </Text>
      )}
      {act === 'delete' && (
        <Text>
          {grants} {texts.deleted}
        </Text>
      )}
    </EndDialog>
  );
}
