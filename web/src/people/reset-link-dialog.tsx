// A link to a new password, for an administrator to hand over where no mail is sent: it is shown this once.
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useMutation } from 'urql';
import { graphql } from '../graphql/graphql.ts';
import { answered, type Outcome } from '../graphql/outcome.ts';
import { CopyableCode } from '../ui/copyable.tsx';
import { Dialog } from '../ui/dialog.tsx';
import type { Target } from '../ui/use-target.ts';
import { When } from '../ui/when.tsx';
import { resetLink as texts } from './texts.ts';

const PasswordLink = graphql(`
  mutation PasswordLink($input: UserPasswordResetLinkInput!) {
    userPasswordResetLink(input: $input) {
      __typename
      ... on UserPasswordResetLinkPayload {
        url
        expiresAt
      }
      ... on Error {
        message
      }
    }
  }
`);

export function ResetLinkDialog({ target }: { target: Omit<Target<{ id: string; name: string }>, 'open'> }) {
  const [{ fetching }, make] = useMutation(PasswordLink);
  const [outcome, setOutcome] = useState<Outcome<{ url: string; expiresAt: string }>>();
  const doneButton = useRef<HTMLButtonElement>(null);
  const link = outcome && 'done' in outcome ? outcome.done : undefined;

  useEffect(() => {
    if (link) doneButton.current?.focus();
  }, [link]);

  const person = target.value;
  if (!person) return null;
  const confirm = async () => {
    const answer = await make({ input: { userId: person.id } }, { additionalTypenames: ['AuditEvent'] });
    setOutcome(
      answered(
        answer,
        (data) => data.userPasswordResetLink,
        ({ url, expiresAt }) => ({ url, expiresAt }),
      ),
    );
  };

  return (
    <Dialog
      opened={target.opened}
      title={link ? texts.madeTitle(person.name) : texts.title(person.name)}
      onClose={() => !fetching && target.close()}
      onExitTransitionEnd={() => setOutcome(undefined)}
      // Shown once: a click beside it must not be the end of it.
      closeOnClickOutside={!link}
      centered
    >
      <Stack gap="md">
        {link ? (
          <>
            <Text role="status">{texts.made}</Text>
            <CopyableCode value={link.url} label={texts.copy} />
            <Text size="sm" c="dimmed">
              {texts.expires} <When at={link.expiresAt} />.
            </Text>
          </>
        ) : (
          <Text>{texts.lead}</Text>
        )}
        {outcome && 'refused' in outcome && (
          <Alert color="red" role="alert" title={texts.refused}>
            {outcome.refused}
          </Alert>
        )}
        <Group justify="flex-end" gap="sm">
          {link ? (
            <Button ref={doneButton} onClick={target.close}>
              {texts.done}
            </Button>
          ) : (
            <>
              <Button variant="default" data-autofocus disabled={fetching} onClick={target.close}>
                {texts.cancel}
              </Button>
              <Button loading={fetching} onClick={confirm}>
                {texts.confirm}
              </Button>
            </>
          )}
        </Group>
      </Stack>
    </Dialog>
  );
}
