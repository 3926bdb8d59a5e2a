// Where the answer goes, exactly; a destination that any program on this computer could have asked for stands out.
import { Alert, Code, Text } from '@mantine/core';
import { IconDeviceDesktop } from '@tabler/icons-react';

export function RedirectNotice({ uri, loopback }: { uri: string; loopback: boolean }) {
  return (
    <div>
      <Text size="sm" c="dimmed" mb={2}>
        Your answer goes to
      </Text>
      <Code block className="break-anywhere" style={{ whiteSpace: 'pre-wrap' }}>
        {uri}
      </Code>
      {loopback && (
        <Alert color="yellow" mt="xs" p="sm" icon={<IconDeviceDesktop aria-hidden />}>
          This goes to a program on this computer. Allow it only if you have just started connecting from there.
        </Alert>
      )}
    </div>
  );
}
