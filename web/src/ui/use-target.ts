// What a dialog is about: kept while the dialog fades out, so that its words do not vanish first.
import { useCallback, useState } from 'react';

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
  const open = useCallback((value: Value) => setState({ opened: true, value }), []);
  const close = useCallback(() => setState(({ value }) => ({ opened: false, value })), []);
  return { ...state, open, close };
}
