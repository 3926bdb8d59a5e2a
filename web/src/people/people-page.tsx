// The accounts of the gateway: found, blocked, let in again, made administrators, erased.
import { Badge, Button, Card, Group, Menu, Stack, Text, TextInput } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { Client } from '@urql/core';
import { useState } from 'react';
import { graphql, type ResultOf } from '../graphql/graphql.ts';
import { load } from '../graphql/load.ts';
import { usePages } from '../graphql/use-pages.ts';
import { EndDialog } from '../ui/end-dialog.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { NoMatch } from '../ui/no-match.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { Failure, ListSkeleton, StaleNotice } from '../ui/states.tsx';
import { useTarget } from '../ui/use-target.ts';
import { When } from '../ui/when.tsx';
import { useActOnPerson } from './act-on-person.ts';
import { ResetLinkDialog } from './reset-link-dialog.tsx';
import { ending as endingTexts, person as personTexts, resetLink as resetTexts, page as texts } from './texts.ts';

const People = graphql(`
  query People($search: String, $after: String) {
    viewer {
      user {
        id
      }
      people(search: $search, first: 50, after: $after) {
        totalCount
        edges {
          node {
            id
            name
            email
            role
            blockedAt
            blockedReason
            activeGrantCount
            organizationCount
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

type Person = NonNullable<ResultOf<typeof People>['viewer']>['people']['edges'][number]['node'];
type Ending = { kind: 'block' | 'erase'; person: Person } | { kind: 'domain' };

const typenames = ['Person'];
const variablesOf = (q: string | undefined) => ({ search: q ?? null, after: null as string | null });
export const loadPeople = (client: Client, q: string | undefined) => load(client, People, variablesOf(q), typenames);

const route = getRouteApi('/_signed-in/people');

export function PeoplePage() {
  const { q } = route.useSearch();
  const { setup } = route.useRouteContext();
  // Where mails are sent, people ask for such a link themselves.
  const handsOverLinks = setup.passwordSignIn && !setup.mail;
  const navigate = useNavigate({ from: '/people' });
  const list = usePages(People, variablesOf(q), (data) => data.viewer?.people, typenames);
  const act = useActOnPerson();
  const ending = useTarget<Ending>();
  const resetting = useTarget<Person>();
  const [reason, setReason] = useState('');
  const [domain, setDomain] = useState('');
  const [refusal, setRefusal] = useState<string>();
  const self = list.data?.viewer?.user.id;
  const open = (value: Ending) => {
    setReason('');
    setDomain('');
    ending.open(value);
  };
  const now = async (done: ReturnType<typeof act.unblock>) => {
    const outcome = await done;
    setRefusal('refused' in outcome ? outcome.refused : undefined);
  };
  const search = (text: string) => navigate({ search: { q: text || undefined }, replace: true });
  const end = () => {
    const what = ending.value;
    if (what?.kind === 'erase') return act.erase(what.person.id);
    return act.block(what?.kind === 'block' ? { userIds: [what.person.id] } : { emailDomain: domain }, reason);
  };

  return (
    <>
      <PageHeading
        title={texts.title}
        lead={texts.lead}
        actions={
          <Button variant="default" onClick={() => open({ kind: 'domain' })}>
            {endingTexts.blockDomain}
          </Button>
        }
      />
      <Group mb="md">
        <SearchField label={texts.search} value={q ?? ''} onSearch={search} />
      </Group>
      {refusal && (
        <Text role="alert" c="red" mb="md">
          {refusal}
        </Text>
      )}
      {list.error && list.data && <StaleNotice error={list.error} retry={list.refresh} />}
      {!list.data && !list.error && <ListSkeleton height={64} />}
      {!list.data && list.error && <Failure title={texts.failed} error={list.error} retry={list.refresh} />}
      {list.data && list.nodes.length === 0 && (
        <NoMatch title={texts.noMatch} how={texts.noMatchHow(q ?? '')} all={texts.showAll} showAll={() => search('')} />
      )}
      <Stack component="ul" className="plain-list" gap="sm" aria-label={texts.list}>
        {list.nodes.map((person) => (
          // The menu of the last ones reaches out of their card.
          <Card
            key={person.id}
            component="li"
            withBorder
            padding="md"
            bg="var(--grantway-card)"
            style={{ overflow: 'visible' }}
          >
            <Group justify="space-between" wrap="nowrap" gap="sm">
              <div style={{ minWidth: 0 }}>
                <Group gap="xs">
                  <Text fw={600} className="break-anywhere">
                    {person.name}
                    {person.id === self && personTexts.you}
                  </Text>
                  {person.role === 'ADMIN' && <Badge variant="light">{personTexts.administrator}</Badge>}
                  {person.blockedAt && (
                    <Badge color="red" variant="light">
                      {personTexts.blocked}
                    </Badge>
                  )}
                </Group>
                <Text size="sm" c="dimmed" className="break-anywhere">
                  {person.email} · {personTexts.grants(person.activeGrantCount)} ·{' '}
                  {personTexts.organizations(person.organizationCount)}
                </Text>
                {person.blockedAt && (
                  <Text size="sm" className="break-anywhere">
                    {personTexts.blocked} <When at={person.blockedAt} />: {person.blockedReason}
                  </Text>
                )}
              </div>
              {person.id !== self && (
                <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
                  <Menu.Target>
                    <Button variant="default" px="xs" aria-label={personTexts.actions(person.name)}>
                      <IconDots size={18} aria-hidden />
                    </Button>
                  </Menu.Target>
                  <Menu.Dropdown>
                    <Menu.Item onClick={() => now(act.setRole(person.id, person.role === 'ADMIN' ? 'USER' : 'ADMIN'))}>
                      {person.role === 'ADMIN' ? personTexts.makeOrdinary : personTexts.makeAdministrator}
                    </Menu.Item>
                    {handsOverLinks && !person.blockedAt && (
                      <Menu.Item onClick={() => resetting.open(person)}>{resetTexts.make}</Menu.Item>
                    )}
                    {person.blockedAt ? (
                      <Menu.Item onClick={() => now(act.unblock(person.id))}>{personTexts.unblock}</Menu.Item>
                    ) : (
                      <Menu.Item c="var(--mantine-color-error)" onClick={() => open({ kind: 'block', person })}>
                        {personTexts.block}
                      </Menu.Item>
                    )}
                    <Menu.Item c="var(--mantine-color-error)" onClick={() => open({ kind: 'erase', person })}>
                      {personTexts.erase}
                    </Menu.Item>
                  </Menu.Dropdown>
                </Menu>
              )}
            </Group>
          </Card>
        ))}
      </Stack>
      <LoadMore more={list.more} loading={list.loadingMore} />
      <ResetLinkDialog target={resetting} />
      {ending.value && (
        <EndDialog opened={ending.opened} {...wordsOf(ending.value)} act={end} onClose={ending.close}>
          {ending.value.kind === 'erase' ? (
            <Text>{endingTexts.erasing}</Text>
          ) : (
            <>
              <Text>{endingTexts.blocking}</Text>
              {ending.value.kind === 'domain' && (
                <TextInput
                  label={endingTexts.domain}
                  description={endingTexts.domainHint}
                  placeholder={endingTexts.domainExample}
                  value={domain}
                  onChange={({ currentTarget }) => setDomain(currentTarget.value)}
                />
              )}
              <TextInput
                label={endingTexts.reason}
                description={endingTexts.reasonHint}
                maxLength={200}
                value={reason}
                onChange={({ currentTarget }) => setReason(currentTarget.value)}
              />
            </>
          )}
        </EndDialog>
      )}
    </>
  );
}

function wordsOf(ending: Ending) {
  if (ending.kind === 'domain') return endingTexts.domainDialog;
  const { name } = ending.person;
  return ending.kind === 'block' ? endingTexts.blockDialog(name) : endingTexts.eraseDialog(name);
}
