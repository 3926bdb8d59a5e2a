// The fields that creating and editing a connection share: its address with what was found there, and its settings.
import { Box, Radio, Stack, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { type AuthMode, signsIn } from './auth-mode.ts';
import { DiscoveryNotice } from './discovery-notice.tsx';
import { fields as texts } from './form-texts.ts';
import { type HeaderRow, HeaderRows } from './header-rows.tsx';
import { type ProviderDraft, ProviderFields } from './provider-fields.tsx';
import { modes } from './provider-texts.ts';
import type { Look } from './use-discovery.ts';

export interface ConnectionDraft {
  name: string;
  remoteUrl: string;
  authMode: AuthMode;
  headers: HeaderRow[];
  provider: ProviderDraft;
}

interface Props {
  draft: ConnectionDraft;
  onChange: (change: Partial<ConnectionDraft>) => void;
  /** Whether header values are asked for here. */
  askHeaders: boolean;
  /** Whether the client of the provider is entered here. */
  askClient: boolean;
  look: Look;
  refusal: Refusal | undefined;
  afterHeaders?: ReactNode;
}

export type Refusal = { message: string; field?: string | null };

/** The server names a nested field by its path: `staticHeaders.0.name`. */
const errorOf = (refusal: Refusal | undefined, field: string) =>
  refusal?.field?.split('.')[0] === field ? refusal.message : undefined;

interface AddressProps {
  value: string;
  onChange: (url: string) => void;
  look: Look;
  refusal: Refusal | undefined;
}

/** An alert of one line. */
const NOTICE_HEIGHT = 54;

export function AddressField({ value, onChange, look, refusal }: AddressProps) {
  return (
    <div>
      <TextInput
        type="url"
        label={texts.url}
        description={texts.urlHint}
        placeholder={texts.urlExample}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={errorOf(refusal, 'remoteUrl')}
        spellCheck={false}
        maxLength={2000}
        required
        withAsterisk={false}
      />
      {/* Takes no room until there is something to tell, and then as much as most of it needs. */}
      <Box mt={look.state === 'idle' ? 0 : 'lg'} mih={look.state === 'idle' ? 0 : NOTICE_HEIGHT}>
        <DiscoveryNotice look={look} />
      </Box>
    </div>
  );
}

export function SettingFields({ draft, onChange, askHeaders, askClient, look, refusal, afterHeaders }: Props) {
  return (
    <Stack gap="lg">
      <TextInput
        label={texts.name}
        description={texts.nameHint}
        placeholder={texts.nameExample}
        value={draft.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        error={errorOf(refusal, 'name')}
        maxLength={100}
        required
        withAsterisk={false}
      />
      <Radio.Group
        label={modes.group}
        value={draft.authMode}
        onChange={(value) => onChange({ authMode: value as AuthMode })}
        error={errorOf(refusal, 'authMode')}
      >
        <Stack gap="sm" mt="xs">
          {MODES.map((mode) => (
            <Radio key={mode} value={mode} {...modes[mode]} />
          ))}
        </Stack>
      </Radio.Group>
      {askHeaders && (
        <HeaderRows
          rows={draft.headers}
          onChange={(headers) => onChange({ headers })}
          error={errorOf(refusal, 'staticHeaders')}
        />
      )}
      {askHeaders && afterHeaders}
      {signsIn(draft.authMode) && (
        <ProviderFields
          draft={draft.provider}
          onChange={(change) => onChange({ provider: { ...draft.provider, ...change } })}
          askClient={askClient}
          found={look.state === 'found' ? look.found : undefined}
          errorOf={(field) => errorOf(refusal, field)}
        />
      )}
    </Stack>
  );
}

const MODES = ['NONE', 'OAUTH_DYNAMIC', 'OAUTH_STATIC', 'STATIC_HEADERS'] as const satisfies AuthMode[];
