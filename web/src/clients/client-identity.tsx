// Who a client is, as far as anyone can know: the verified host first, else the name it gives itself, in quotes and marked.
import { ActionIcon, Group, Text } from '@mantine/core';
import { IconShieldCheck, IconShieldQuestion } from '@tabler/icons-react';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { useHint } from '../ui/use-hint.tsx';
import { clientTitle } from './client-title.ts';
import { identity as texts } from './texts.tsx';

export const ClientIdentity_client = graphql(`
  fragment ClientIdentity_client on Client {
    name
    verifiedHost
  }
`);

interface Props {
  client: FragmentOf<typeof ClientIdentity_client>;
  /** The element of the name: a heading where the client is what a section is about. */
  as?: 'h2' | 'p';
  /** Says in the open what the shield says on hover: where someone is about to decide. */
  explained?: boolean;
}

export function ClientIdentity({ client: masked, as = 'h2', explained = false }: Props) {
  const client = readFragment(ClientIdentity_client, masked);
  const verified = client.verifiedHost !== null;
  const hint = client.verifiedHost !== null ? texts.verifiedHint(client.verifiedHost) : texts.unverifiedHint;
  const { props, tooltip } = useHint(hint);
  const Shield = verified ? IconShieldCheck : IconShieldQuestion;
  return (
    <div style={{ minWidth: 0 }}>
      <Group gap={4} wrap="nowrap" align="center">
        <Text component={as} fw={650} fz="lg" lh={1.35} m={0} className="break-anywhere">
          {clientTitle(client)}
        </Text>
        <ActionIcon variant="transparent" size={28} aria-label={hint} color={verified ? 'teal' : 'gray'} {...props}>
          <Shield size={20} aria-hidden color={verified ? 'var(--grantway-good)' : 'var(--mantine-color-dimmed)'} />
        </ActionIcon>
        {tooltip}
      </Group>
      {explained && !verified && (
        <Text size="sm" c="dimmed">
          {client.name ? texts.selfReported : texts.nameless}
        </Text>
      )}
      {verified && client.name && (
        <Text size="sm" c="dimmed" className="break-anywhere">
          {texts.callsItself(client.name)}
        </Text>
      )}
    </div>
  );
}
