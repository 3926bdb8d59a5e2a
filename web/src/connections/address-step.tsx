// The first step of a new connection: where the server is. What is found there is told while one types, and before one goes on.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { FormActions } from '../ui/form-actions.tsx';
import { AddressField, type Refusal } from './connection-fields.tsx';
import { creating as texts } from './form-texts.ts';
import type { Found, Look } from './use-discovery.ts';

interface Props {
  remoteUrl: string;
  onChange: (url: string) => void;
  look: Look;
  lookNow: () => Promise<Look>;
  lookAgain: () => Promise<Look>;
  refusal: Refusal | undefined;
  onNext: () => void;
}

const USABLE: readonly Found['status'][] = ['OPEN', 'NEEDS_SIGN_IN', 'NEEDS_CREDENTIALS'];
const isTrouble = (look: Look): boolean => look.state === 'found' && !USABLE.includes(look.found.status);

export function AddressStep({ remoteUrl, onChange, look, lookNow, lookAgain, refusal, onNext }: Props) {
  const [waiting, setWaiting] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    // Whoever has read what is wrong may go on: a server that does not run yet can be connected too.
    if (isTrouble(look)) return onNext();
    setWaiting(true);
    const seen = await lookNow();
    setWaiting(false);
    if (seen.state === 'found' && !isTrouble(seen)) onNext();
  }

  return (
    <form onSubmit={submit} aria-label={texts.steps.address}>
      <AddressField value={remoteUrl} onChange={onChange} look={look} refusal={refusal} />
      <FormActions>
        <Button variant="default" renderRoot={(root) => <Link {...root} to="/connections" />}>
          {texts.cancel}
        </Button>
        {(isTrouble(look) || look.state === 'refused') && (
          <Button variant="default" onClick={lookAgain}>
            {texts.lookAgain}
          </Button>
        )}
        <Button type="submit" loading={waiting}>
          {isTrouble(look) ? texts.nextAnyway : texts.next}
        </Button>
      </FormActions>
    </form>
  );
}
