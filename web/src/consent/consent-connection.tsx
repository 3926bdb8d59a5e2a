// What the client would use, where that goes, and on whose behalf.
import { DataList, Text } from '@mantine/core';
import { hostOf } from '../connections/host-of.ts';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { what as texts } from './texts.tsx';

export const ConsentConnection_connection = graphql(`
  fragment ConsentConnection_connection on McpConnection {
    name
    remoteUrl
    owner {
      __typename
      ... on Organization {
        name
      }
    }
  }
`);

export function ConsentConnection(props: { connection: FragmentOf<typeof ConsentConnection_connection> }) {
  const { name, remoteUrl, owner } = readFragment(ConsentConnection_connection, props.connection);
  return (
    <DataList labelWidth="6.5rem" gap="xs">
      <DataList.Item>
        <DataList.ItemLabel>{texts.toUse}</DataList.ItemLabel>
        <DataList.ItemValue className="break-anywhere">
          <Text span inherit fw={600}>
            {name}
          </Text>
          {texts.at(hostOf(remoteUrl))}
        </DataList.ItemValue>
      </DataList.Item>
      <DataList.Item>
        <DataList.ItemLabel>{texts.onBehalf}</DataList.ItemLabel>
        <DataList.ItemValue className="break-anywhere">
          {owner.__typename === 'Organization' ? owner.name : texts.yourself}
        </DataList.ItemValue>
      </DataList.Item>
    </DataList>
  );
}
