// The viewer's API keys, and the export of what is kept of them.
import { Button, Card, Stack, Text, Title } from '@mantine/core';
import type { Client } from '@urql/core';
import { useState } from 'react';
import { useClient } from 'urql';
import { failureText } from '../../graphql/failure.ts';
import { graphql } from '../../graphql/graphql.ts';
import { load } from '../../graphql/load.ts';
import { usePageQuery } from '../../graphql/use-page-query.ts';
import { PageHeading } from '../../ui/page-heading.tsx';
import { Failure, ListSkeleton, StaleNotice } from '../../ui/states.tsx';
import { ApiKeyList, ApiKeyList_apiKey } from './api-key-list.tsx';
import { NewApiKey, NewApiKey_organization } from './new-api-key.tsx';
import { page as texts, yourData } from './texts.ts';

const ApiKeys = graphql(
  `
    query ApiKeys {
      viewer {
        apiKeys {
          ...ApiKeyList_apiKey
        }
        organizations {
          ...NewApiKey_organization
        }
      }
    }
  `,
  [ApiKeyList_apiKey, NewApiKey_organization],
);

const DataExport = graphql(`
  query DataExport {
    viewer {
      dataExport
    }
  }
`);

const typenames = ['ApiKey', 'Organization'];
export const loadApiKeys = (client: Client) => load(client, ApiKeys, {}, typenames);

export function ApiKeysPage() {
  const { data, error, refresh } = usePageQuery(ApiKeys, {}, typenames);
  const apiKeys = data?.viewer?.apiKeys ?? [];
  return (
    <>
      <PageHeading title={texts.title} lead={texts.lead} />
      {error && data && <StaleNotice error={error} retry={refresh} />}
      {!data && (error ? <Failure title={texts.failed} error={error} retry={refresh} /> : <ListSkeleton height={92} />)}
      {data && (
        <Stack gap="lg">
          <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby="keys">
            <Title order={2} id="keys" mb="md">
              {apiKeys.length === 0 ? texts.none : texts.yours}
            </Title>
            <ApiKeyList apiKeys={apiKeys} />
          </Card>
          <NewApiKey organizations={data.viewer?.organizations ?? []} />
          <YourData />
        </Stack>
      )}
    </>
  );
}

function YourData() {
  const client = useClient();
  const [working, setWorking] = useState(false);
  const [refusal, setRefusal] = useState<string>();

  async function download() {
    setWorking(true);
    const { data, error } = await client.query(DataExport, {}, { requestPolicy: 'network-only' }).toPromise();
    setRefusal(error ? failureText(error) : undefined);
    if (data?.viewer) {
      const url = URL.createObjectURL(new Blob([data.viewer.dataExport], { type: 'application/json' }));
      const link = Object.assign(document.createElement('a'), { href: url, download: 'grantway-my-data.json' });
      link.click();
      URL.revokeObjectURL(url);
    }
    setWorking(false);
  }

  return (
    <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby="your-data">
      <Title order={2} id="your-data" mb="xs">
        {yourData.title}
      </Title>
      <Text mb="md">{yourData.lead}</Text>
      {refusal && (
        <Text role="alert" c="red" mb="sm">
          {refusal}
        </Text>
      )}
      <Button variant="default" loading={working} onClick={download}>
        {yourData.download}
      </Button>
    </Card>
  );
}
