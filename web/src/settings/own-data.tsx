// All that is kept of oneself, as a file: asked for when one wants it, and put together by the gateway.
import { Button, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useClient } from 'urql';
import { failureText } from '../graphql/failure.ts';
import { graphql } from '../graphql/graphql.ts';
import { texts } from './texts.ts';

const OwnData = graphql(`
  query OwnData {
    viewer {
      dataExport
    }
  }
`);

export function OwnDataButton() {
  const client = useClient();
  const [working, setWorking] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const download = async () => {
    setWorking(true);
    const { data, error } = await client.query(OwnData, {}, { requestPolicy: 'network-only' }).toPromise();
    setWorking(false);
    const text = data?.viewer?.dataExport;
    setRefusal(text === undefined ? failureText(error) : undefined);
    if (text !== undefined) save(text);
  };
  return (
    <Stack gap="xs" align="flex-start">
      <Button variant="default" loading={working} onClick={download}>
        {texts.ownDataJson}
      </Button>
      {refusal && (
        <Text role="alert" c="red" size="sm">
          {refusal}
        </Text>
      )}
    </Stack>
  );
}

function save(text: string) {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'grantway-my-data.json';
  link.click();
  // Not at once: the browser reads it a moment later.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
