// The fields that creating and editing a connection share.
import { Radio, Stack, TextInput } from '@mantine/core';
import type { PickableMode } from './auth-mode.ts';
import { type HeaderRow, HeaderRows } from './header-rows.tsx';

export interface ConnectionDraft {
  name: string;
  remoteUrl: string;
  authMode: PickableMode;
  headers: HeaderRow[];
}

interface Props {
  draft: ConnectionDraft;
  onChange: (change: Partial<ConnectionDraft>) => void;
  /** Whether header values are asked for here. */
  askHeaders: boolean;
  refusal: { message: string; field?: string | null } | undefined;
}

export function ConnectionFields({ draft, onChange, askHeaders, refusal }: Props) {
  // The server names a nested field by its path: `staticHeaders.0.name`.
  const errorOf = (field: string) => (refusal?.field?.split('.')[0] === field ? refusal.message : undefined);
  return (
    <Stack gap="lg">
      <TextInput
        label="Name"
        description="How you and your clients call it."
        placeholder="Issue tracker"
        value={draft.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        error={errorOf('name')}
        maxLength={100}
        required
        withAsterisk={false}
      />
      <TextInput
        type="url"
        label="Server URL"
        description="The address of the remote MCP server (Streamable HTTP)."
        placeholder="https://mcp.example.com/mcp"
        value={draft.remoteUrl}
        onChange={(event) => onChange({ remoteUrl: event.currentTarget.value })}
        error={errorOf('remoteUrl')}
        spellCheck={false}
        maxLength={2000}
        required
        withAsterisk={false}
      />
      <Radio.Group
        label="How Grantway signs in there"
        value={draft.authMode}
        onChange={(value) => onChange({ authMode: value as PickableMode })}
        error={errorOf('authMode')}
      >
        <Stack gap="sm" mt="xs">
          <Radio value="NONE" label="No sign-in" description="The server accepts everyone who reaches it." />
          <Radio
            value="STATIC_HEADERS"
            label="Fixed headers"
            description="An API key or token, sent with every request. Kept sealed; clients never see it."
          />
        </Stack>
      </Radio.Group>
      {askHeaders && (
        <HeaderRows
          rows={draft.headers}
          onChange={(headers) => onChange({ headers })}
          error={errorOf('staticHeaders')}
        />
      )}
    </Stack>
  );
}
