// The second step of a new connection: what was found, the settings that follow from it, and the button that creates it.
import { Button, Space } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { FormActions } from '../ui/form-actions.tsx';
import { useRefusedField } from '../ui/use-refused-field.ts';
import { type ConnectionDraft, type Refusal, SettingFields } from './connection-fields.tsx';
import { DiscoveryNotice } from './discovery-notice.tsx';
import { FormRefusal } from './form-refusal.tsx';
import { creating as texts } from './form-texts.ts';
import { TryHeaders } from './try-headers.tsx';
import type { Found, Look } from './use-discovery.ts';

interface Props {
  draft: ConnectionDraft;
  onChange: (change: Partial<ConnectionDraft>) => void;
  look: Look;
  onTried: (found: Found) => void;
  refusal: Refusal | undefined;
  saving: boolean;
  onBack: () => void;
  onSubmit: (event: FormEvent) => void;
  /** Who may use it, in an organization. */
  children: ReactNode;
}

export function SettingsStep({ draft, onChange, look, onTried, refusal, saving, onBack, onSubmit, children }: Props) {
  const { form, isBeside } = useRefusedField(refusal);
  return (
    <form ref={form} onSubmit={onSubmit} aria-label={texts.steps.settings}>
      <DiscoveryNotice look={look} />
      <Space h="lg" />
      <SettingFields
        draft={draft}
        onChange={onChange}
        askHeaders={draft.authMode === 'STATIC_HEADERS'}
        askClient={draft.authMode === 'OAUTH_STATIC'}
        look={look}
        refusal={refusal}
        afterHeaders={<TryHeaders remoteUrl={draft.remoteUrl} headers={draft.headers} onTried={onTried} />}
      />
      {children}
      <FormRefusal title={texts.refused} message={isBeside ? undefined : refusal?.message} />
      <FormActions>
        <Button variant="default" onClick={onBack}>
          {texts.back}
        </Button>
        <Button type="submit" loading={saving}>
          {texts.submit}
        </Button>
      </FormActions>
    </form>
  );
}
