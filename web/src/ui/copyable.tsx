// Text made to be copied: code in a box with a button that says what it copies and that it has.
import { ActionIcon, Box, Code, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { controls as texts } from './texts.ts';
import { useHint } from './use-hint.tsx';

export function CopyIcon({ value, label }: { value: string; label: string }) {
  return (
    <CopyButton value={value} timeout={2000}>
      {({ copied, copy }) => <CopyAction label={copied ? texts.copied : label} copied={copied} copy={copy} />}
    </CopyButton>
  );
}

function CopyAction({ label, copied, copy }: { label: string; copied: boolean; copy: () => void }) {
  const { props, tooltip } = useHint(label);
  return (
    <>
      <ActionIcon
        variant="default"
        size="lg"
        color={copied ? 'teal' : 'gray'}
        onClick={copy}
        aria-label={label}
        aria-live="polite"
        {...props}
      >
        {copied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
      </ActionIcon>
      {tooltip}
    </>
  );
}

export function CopyableCode({ value, label }: { value: string; label: string }) {
  return (
    <Box pos="relative">
      <Code block className="break-anywhere" pr={56} mih={46} style={{ whiteSpace: 'pre-wrap' }}>
        {value}
      </Code>
      <Box pos="absolute" top={6} right={6}>
        <CopyIcon value={value} label={label} />
      </Box>
    </Box>
  );
}
