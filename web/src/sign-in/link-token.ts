// What a link from a mail carries, in the fragment of its address: read once, and taken out of the address bar and the history.
import { useEffect, useState } from 'react';

export function useFragment(): URLSearchParams {
  const [fragment] = useState(() => new URLSearchParams(location.hash.slice(1)));
  useEffect(() => {
    if (location.hash) history.replaceState(history.state, '', location.pathname + location.search);
  }, []);
  return fragment;
}
