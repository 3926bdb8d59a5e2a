// The fields of a connection whose people sign in at a provider.
import {
  Checkbox,
  Fieldset,
  Input,
  NativeSelect,
  PasswordInput,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { CopyableCode } from '../ui/copyable.tsx';
import { hostOf } from './host-of.ts';
import { fields as texts } from './provider-texts.ts';
import type { Found } from './use-discovery.ts';

export interface ProviderDraft {
  issuer: string;
  clientId: string;
  clientSecret: string;
  scopes: string[];
  /** Each as `name=value`. */
  parameters: string[];
  pkceUnannounced: boolean;
}

export const emptyProvider: ProviderDraft = {
  issuer: '',
  clientId: '',
  clientSecret: '',
  scopes: [],
  parameters: [],
  pkceUnannounced: false,
};

/** As the server takes it. */
export const providerInputs = ({ issuer, scopes, parameters, pkceUnannounced }: ProviderDraft) => ({
  providerIssuer: issuer.trim(),
  providerScopes: scopes,
  providerAuthorizeParameters: parameters.map((text) => {
    const [name = '', ...value] = text.split('=');
    return { name: name.trim(), value: value.join('=').trim() };
  }),
  providerPkceUnannounced: pkceUnannounced,
});

interface Props {
  draft: ProviderDraft;
  onChange: (change: Partial<ProviderDraft>) => void;
  /** Whether a client is entered here. */
  askClient: boolean;
  found: Found | undefined;
  errorOf: (field: string) => string | undefined;
}

export function ProviderFields({ draft, onChange, askClient, found, errorOf }: Props) {
  const issuers = (found?.providers ?? []).filter(({ problem }) => problem === null).map(({ issuer }) => issuer);
  const named = draft.issuer.trim() || found?.issuer;
  const chosen = found?.providers.find(({ issuer }) => isSame(issuer, named));
  return (
    <Stack gap="lg">
      {askClient ? (
        <TextInput
          label={texts.issuer}
          description={texts.issuerHint}
          placeholder={found?.issuer ?? texts.issuerExample}
          value={draft.issuer}
          onChange={(event) => onChange({ issuer: event.currentTarget.value })}
          error={errorOf('providerIssuer')}
          spellCheck={false}
          maxLength={2000}
        />
      ) : (
        issuers.length > 1 && (
          <NativeSelect
            label={texts.provider}
            value={draft.issuer}
            onChange={(event) => onChange({ issuer: event.currentTarget.value })}
            error={errorOf('providerIssuer')}
            data={[
              { value: '', label: texts.automatic },
              ...issuers.map((issuer) => ({ value: issuer, label: hostOf(issuer) })),
            ]}
          />
        )
      )}
      {askClient && (
        <ClientFields draft={draft} onChange={onChange} callbackUrl={chosen?.callbackUrl} errorOf={errorOf} />
      )}
      <Fieldset legend={texts.more}>
        <Stack gap="md">
          <TagsInput
            label={texts.scopes}
            description={`${texts.scopesHint} ${found?.scopes?.length ? texts.asked(found.scopes.join(' ')) : ''}`}
            data={found?.scopesOffered ?? []}
            value={draft.scopes}
            onChange={(scopes) => onChange({ scopes })}
            error={errorOf('providerScopes')}
            splitChars={[' ', ',']}
            maxTags={50}
          />
          <TagsInput
            label={texts.parameters}
            description={texts.parametersHint}
            value={draft.parameters}
            onChange={(parameters) => onChange({ parameters })}
            error={errorOf('providerAuthorizeParameters')}
            maxTags={10}
          />
          {(draft.pkceUnannounced || chosen?.pkce === false || askClient) && (
            <Checkbox
              label={texts.pkce}
              checked={draft.pkceUnannounced}
              onChange={(event) => onChange({ pkceUnannounced: event.currentTarget.checked })}
            />
          )}
        </Stack>
      </Fieldset>
    </Stack>
  );
}

/** Whether two names are of one provider: people leave out the slash at the end, or add one. */
export const isSame = (issuer: string | null | undefined, other: string | null | undefined): boolean =>
  issuer?.replace(/\/$/, '') === other?.replace(/\/$/, '');

interface ClientProps {
  draft: Pick<ProviderDraft, 'clientId' | 'clientSecret'>;
  onChange: (change: Partial<ProviderDraft>) => void;
  callbackUrl: string | undefined;
  errorOf: (field: string) => string | undefined;
}

/** What a person has from the provider, and what they need there. The secret is typed once and never shown again. */
export function ClientFields({ draft, onChange, callbackUrl, errorOf }: ClientProps) {
  return (
    <Stack gap="md">
      <Input.Wrapper label={texts.callback} labelElement="div">
        {callbackUrl ? (
          <CopyableCode value={callbackUrl} label={texts.copyCallback} />
        ) : (
          <Text size="sm" c="dimmed">
            {texts.callbackLater}
          </Text>
        )}
      </Input.Wrapper>
      <TextInput
        label={texts.clientId}
        value={draft.clientId}
        onChange={(event) => onChange({ clientId: event.currentTarget.value })}
        error={errorOf('providerClientId')}
        autoComplete="off"
        spellCheck={false}
        maxLength={2000}
        required
        withAsterisk={false}
      />
      <PasswordInput
        label={texts.clientSecret}
        description={texts.secretHint}
        value={draft.clientSecret}
        onChange={(event) => onChange({ clientSecret: event.currentTarget.value })}
        error={errorOf('providerClientSecret')}
        autoComplete="off"
        maxLength={8000}
      />
    </Stack>
  );
}
