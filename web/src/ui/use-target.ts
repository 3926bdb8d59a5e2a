// What a dialog is about: kept while the dialog fades out, so that its words do not vanish first.
import { useState } from 'react';

export interface Target<Value> {
  opened: boolean;
  value: Value | undefined;
  open: (value: Value) => void;
  close: () => void;
}

export function useTarget<Value>(): Target<Value> {
  const [state, setState] = useState<{ opened: boolean; value: Value | undefined }>({
    opened: false,
    value: undefined,
  });
  return {
    ...state,
    open: (value) => setState({ opened: true, value }),
    close: () => setState(({ value }) => ({ opened: false, value })),
  };
}
