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
      <PageHeading
        title="API keys"
        lead="A program shows a key in place of your sign-in. It may do what you choose here, and never more than you."
      />
      {error && data && <StaleNotice error={error} retry={refresh} />}
      {!data &&
        (error ? (
          <Failure title="The API keys could not be loaded" error={error} retry={refresh} />
        ) : (
          <ListSkeleton height={92} />
        ))}
      {data && (
        <Stack gap="lg">
          <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby="keys">
            <Title order={2} id="keys" mb="md">
              {apiKeys.length === 0 ? 'You have no API key' : 'Your keys'}
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
        Your data
      </Title>
      <Text mb="md">All that is kept of you, as a JSON file: no secrets, and nothing of anybody else.</Text>
      {refusal && (
        <Text role="alert" c="red" mb="sm">
          {refusal}
        </Text>
      )}
      <Button variant="default" loading={working} onClick={download}>
        Download my data
      </Button>
    </Card>
  );
}
