// The viewer's API keys.
import { Card, Stack, Title } from '@mantine/core';
import type { Client } from '@urql/core';
import { graphql } from '../../graphql/graphql.ts';
import { load } from '../../graphql/load.ts';
import { usePageQuery } from '../../graphql/use-page-query.ts';
import { PageHeading } from '../../ui/page-heading.tsx';
import { Failure, ListSkeleton, StaleNotice } from '../../ui/states.tsx';
import { ApiKeyList, ApiKeyList_apiKey } from './api-key-list.tsx';
import { NewApiKey, NewApiKey_organization } from './new-api-key.tsx';
import { page as texts } from './texts.ts';

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
        </Stack>
      )}
    </>
  );
}
