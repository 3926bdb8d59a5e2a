// One attempt of a client to sign in: its steps in order, where it stopped, and what differed there.
import { Badge, Box, Card, Code, Group, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleDashed, IconCircleX, IconClock, IconEyeOff } from '@tabler/icons-react';
import { clientTitle } from '../clients/client-title.ts';
import { type FragmentOf, graphql, type ResultOf, readFragment } from '../graphql/graphql.ts';
import { When } from '../ui/when.tsx';
import { troubles as texts } from './texts.tsx';

export const AttemptCard_attempt = graphql(`
  fragment AttemptCard_attempt on ConnectAttempt {
    startedAt
    clientId
    clientName
    userAgent
    outcome
    steps {
      name
      outcome
      at
      problem
      difference {
        what
        expected
        got
      }
    }
  }
`);

type Attempt = ResultOf<typeof AttemptCard_attempt>;
type Step = Attempt['steps'][number];

const COLORS = { OK: 'teal', FAILED: 'red', WAITING: 'indigo', NOT_REACHED: 'gray', NOT_SEEN: 'gray' };

export function AttemptCard(props: { attempt: FragmentOf<typeof AttemptCard_attempt> }) {
  const attempt = readFragment(AttemptCard_attempt, props.attempt);
  const { clientId, clientName, userAgent, outcome, startedAt, steps } = attempt;
  const title = clientId ? clientTitle({ name: clientName, verifiedHost: null }) : texts.unknown;
  return (
    <Card component="article" withBorder padding="lg" bg="var(--grantway-card)" aria-label={title}>
      <Group justify="space-between" align="flex-start" gap="sm" mb="md">
        <div style={{ flex: '1 1 16rem', minWidth: 0 }}>
          <Text component="h2" fw={650} m={0} className="break-anywhere" lineClamp={2}>
            {title}
          </Text>
          <Text size="sm" c="dimmed" className="break-anywhere" lineClamp={2}>
            <When at={startedAt} />
            {userAgent && ` · ${userAgent}`}
          </Text>
          {clientId && (
            <Text size="xs" c="dimmed" className="break-anywhere" lineClamp={2}>
              {clientId}
            </Text>
          )}
        </div>
        <Badge color={COLORS[outcome]} variant="light">
          {texts.outcomes[outcome]}
        </Badge>
      </Group>
      {outcome === 'OK' ? (
        // What went well is told in a line; who wants to know opens it.
        <Box component="details">
          <Text component="summary" size="sm" mb="xs">
            {texts.wentWell}
          </Text>
          <Steps steps={steps} />
        </Box>
      ) : (
        <Steps steps={steps} />
      )}
    </Card>
  );
}

function Steps({ steps }: { steps: readonly Step[] }) {
  return (
    <Stack component="ol" className="plain-list" gap="xs">
      {steps.map((step) => (
        <li key={step.name}>
          <StepLine step={step} />
        </li>
      ))}
    </Stack>
  );
}

const MARKS = {
  OK: <IconCircleCheck size={20} color="var(--grantway-good)" aria-hidden />,
  FAILED: <IconCircleX size={20} color="var(--mantine-color-error)" aria-hidden />,
  WAITING: <IconClock size={20} color="var(--mantine-color-anchor)" aria-hidden />,
  NOT_SEEN: <IconEyeOff size={20} color="var(--mantine-color-dimmed)" aria-hidden />,
  NOT_REACHED: <IconCircleDashed size={20} color="var(--mantine-color-dimmed)" aria-hidden />,
};

function StepLine({ step }: { step: Step }) {
  const { name, outcome, at, problem, difference } = step;
  const reached = outcome !== 'NOT_REACHED' && outcome !== 'NOT_SEEN';
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start">
      <span style={{ flexShrink: 0, lineHeight: 0, paddingTop: 1 }}>{MARKS[outcome]}</span>
      <div style={{ minWidth: 0, flex: 1 }}>
        <Text size="sm" c={reached ? undefined : 'dimmed'}>
          {texts.steps[name]}
          <Text span inherit c="dimmed">
            {', '}
            {texts.states[outcome]}
            {at && (
              <>
                {' '}
                <When at={at} />
              </>
            )}
          </Text>
        </Text>
        {problem && (
          <Text size="sm" className="break-anywhere">
            {problem}
          </Text>
        )}
        {difference && (difference.expected !== null || difference.got !== null) && (
          <Stack gap={4} mt={4} component="dl" m={0}>
            <Value
              name={`${texts.differs[difference.what] ?? difference.what}, ${texts.expected}`}
              value={difference.expected}
            />
            <Value name={`${texts.differs[difference.what] ?? difference.what}, ${texts.got}`} value={difference.got} />
          </Stack>
        )}
      </div>
    </Group>
  );
}

function Value({ name, value }: { name: string; value: string | null }) {
  if (value === null) return null;
  return (
    <div>
      <Text component="dt" size="xs" c="dimmed">
        {name}
      </Text>
      <dd style={{ margin: 0 }}>
        <Code className="break-anywhere" style={{ whiteSpace: 'pre-wrap' }}>
          {value}
        </Code>
      </dd>
    </div>
  );
}
