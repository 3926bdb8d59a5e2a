// Where a refusal is shown: beside its field, which takes the focus, or, where the form has no such field, below the form.
import { type RefObject, useLayoutEffect, useRef, useState } from 'react';

/** `isBeside` says that a field of `form` tells `refusal` already, so that it need not be told a second time. */
export function useRefusedField(refusal: object | undefined): {
  form: RefObject<HTMLFormElement | null>;
  isBeside: boolean;
} {
  const form = useRef<HTMLFormElement>(null);
  const [isBeside, setBeside] = useState(false);
  useLayoutEffect(() => {
    const field = refusal && form.current?.querySelector<HTMLElement>('[aria-invalid=true], [data-refused]');
    field?.focus();
    setBeside(Boolean(field));
  }, [refusal]);
  return { form, isBeside };
}
