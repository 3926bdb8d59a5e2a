// What a look at a server found, in words, beside the address.
import { Alert, Group, List, Loader, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconLock, IconPlugConnectedX } from '@tabler/icons-react';
import { readFragment } from '../graphql/graphql.ts';
import { hostOf } from './host-of.ts';
import { discovery as texts } from './provider-texts.ts';
import { ReachedFacts, TestOutcome_test } from './test-outcome.tsx';
import type { Found, Look } from './use-discovery.ts';

export function DiscoveryNotice({ look }: { look: Look }) {
  return (
    <div role="note" aria-live="polite" aria-label={texts.label}>
      {look.state === 'looking' && (
        <Group gap="xs">
          <Loader size="xs" aria-hidden />
          <Text size="sm">{texts.looking}</Text>
        </Group>
      )}
      {look.state === 'refused' && (
        <Alert color="orange" role="none" icon={<IconAlertTriangle aria-hidden />}>
          {look.message}
        </Alert>
      )}
      {look.state === 'found' && <FoundServer found={look.found} />}
    </div>
  );
}

function FoundServer({ found }: { found: Found }) {
  const test = readFragment(TestOutcome_test, found.test);
  switch (found.status) {
    case 'OPEN':
      return (
        <Alert color="teal" role="none" icon={<IconCircleCheck aria-hidden />}>
          {texts.open} {test?.reached && <ReachedFacts test={test} />}
        </Alert>
      );
    case 'NEEDS_SIGN_IN':
      return <SignInServer found={found} />;
    case 'NEEDS_CREDENTIALS':
      return (
        <Alert color="blue" role="none" icon={<IconLock aria-hidden />}>
          {texts.credentials}
        </Alert>
      );
    default: {
      const sentence = {
        NOT_MCP: texts.notMcp,
        REDIRECTS: texts.redirects,
        UNREACHABLE: texts.unreachable,
        MISMATCH: texts.mismatch,
      }[found.status];
      return (
        <Alert color="orange" role="none" icon={<IconPlugConnectedX aria-hidden />}>
          {sentence} {test?.problem}
        </Alert>
      );
    }
  }
}

function SignInServer({ found }: { found: Found }) {
  const usable = found.providers.filter(({ problem }) => problem === null);
  const broken = found.providers.filter(({ problem }) => problem !== null);
  const used = usable.find(({ issuer }) => issuer === found.issuer);
  const hosts = (usable.length > 0 ? usable : broken).map(({ issuer }) => hostOf(issuer)).join(texts.or);
  return (
    <Alert role="none" color={used ? 'blue' : 'orange'} icon={<IconLock aria-hidden />}>
      <Text size="sm">
        {texts.signIn(found.name, hosts)}{' '}
        {used && (used.registration === 'BY_HAND' ? texts.byHand : `${texts.itself} ${texts.later}`)}
      </Text>
      {used && !used.pkce && <Text size="sm">{texts.noPkce}</Text>}
      {broken.length > 0 && (
        <List size="sm" mt="xs">
          {broken.map(({ issuer, problem }) => (
            <List.Item key={issuer}>
              {hostOf(issuer)} {problem && texts.broken[problem]}.
            </List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}
