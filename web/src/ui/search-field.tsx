// A search field whose value lives in the address; it tells the page a moment after the typing stopped.
import { CloseButton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { MAX_SEARCH } from '../routes/search-text.ts';
import { controls as texts } from './texts.ts';

export function SearchField(props: { label: string; value: string; onSearch: (value: string) => void }) {
  const [text, setText] = useState(props.value);
  const search = useDebouncedCallback(props.onSearch, 250);
  // The address changes by other hands too: back, forward, a cleared filter.
  useEffect(() => setText(props.value), [props.value]);
  return (
    <TextInput
      type="search"
      aria-label={props.label}
      placeholder={props.label}
      value={text}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        text && (
          <CloseButton
            size="sm"
            aria-label={texts.clearSearch}
            onClick={() => {
              setText('');
              props.onSearch('');
            }}
          />
        )
      }
      onChange={(event) => {
        setText(event.currentTarget.value);
        search(event.currentTarget.value.trim());
      }}
      flex="1 1 14rem"
      maxLength={MAX_SEARCH}
    />
  );
}
