// Where the answer goes, exactly; a destination that any program on this computer could have asked for stands out.
import { Alert, Code, Text } from '@mantine/core';
import { IconAlertTriangle, IconDeviceDesktop } from '@tabler/icons-react';
import { redirectTarget } from './redirect-target.ts';
import { redirect as texts } from './texts.tsx';

interface Props {
  uri: string;
  loopback: boolean;
  /** Where the client's identity is published; null for one that nobody verified. */
  verifiedHost: string | null;
}

export function RedirectNotice({ uri, loopback, verifiedHost }: Props) {
  const { place, toProgram } = redirectTarget(uri);
  const elsewhere = verifiedHost !== null && !loopback && !toProgram && place !== verifiedHost;
  return (
    <div>
      <Text size="sm" c="dimmed" mb={2}>
        {texts.title}
      </Text>
      <Code block className="break-anywhere" style={{ whiteSpace: 'pre-wrap' }}>
        {uri}
      </Code>
      {loopback && (
        <Alert color={verifiedHost ? 'orange' : 'yellow'} mt="xs" p="sm" icon={<IconDeviceDesktop aria-hidden />}>
          {verifiedHost ? texts.borrowed(verifiedHost) : texts.loopback}
        </Alert>
      )}
      {elsewhere && (
        <Alert color="yellow" mt="xs" p="sm" icon={<IconAlertTriangle aria-hidden />}>
          {texts.elsewhere(place)}
        </Alert>
      )}
    </div>
  );
}
