// What the viewer has had to do with a client before: nothing, a permission that stands, or one that has ended.
import { Badge, Text } from '@mantine/core';
import { reasonText } from '../clients/revocation-reason.ts';
import { When } from '../ui/when.tsx';
import { history as texts } from './texts.tsx';

interface Props {
  previous: { status: string; approvedAt: string; revokedAt: string | null; revocationReason: string | null } | null;
  client: { verifiedHost: string | null; createdAt: string };
}

export function ClientHistory({ previous, client }: Props) {
  if (!previous) {
    return (
      <>
        <Badge variant="light" color="orange" mt={6}>
          {texts.first}
        </Badge>
        {!client.verifiedHost && (
          <Text size="sm" c="dimmed" mt={4}>
            {texts.registered(<When at={client.createdAt} />)}
          </Text>
        )}
      </>
    );
  }
  return (
    <Text size="sm" c="dimmed" mt={4}>
      {previous.revokedAt
        ? texts.ended(<When at={previous.revokedAt} />, reasonText(previous.revocationReason))
        : texts.active(<When at={previous.approvedAt} />)}
    </Text>
  );
}
