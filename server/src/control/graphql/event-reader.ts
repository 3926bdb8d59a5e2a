/** Which record is asked for, and which of its events. */
import type { EventFilter, EventReader } from '../../core/audit/filter.ts';
import { badInput, type Context } from './context.ts';
import { readerOf } from './event-open.ts';
import { rowIdOf } from './global-id.ts';
import { type OwnerArgument, organizationAsked } from './owner.ts';

/** @throws FORBIDDEN for an organization that the viewer is not in */
export async function eventReader(context: Context, { owner }: OwnerArgument): Promise<EventReader> {
  return readerOf(context, await organizationAsked(context, owner?.organizationId));
}

/** No row has it: an id that names nothing finds nothing. */
const NO_ROW = '00000000-0000-0000-0000-000000000000';
const MAX_KINDS = 50;

export type FilterArguments = {
  grantId?: string | null | undefined;
  connectionId?: string | null | undefined;
  clientId?: string | null | undefined;
  kinds?: readonly string[] | null | undefined;
  outcome?: EventFilter['outcome'] | null;
  since?: Date | null | undefined;
  until?: Date | null | undefined;
};

/** The filter that the arguments of a page or an export say. @throws BAD_USER_INPUT */
export function eventFilter(asked: FilterArguments): EventFilter {
  const { grantId, connectionId, clientId, kinds, outcome, since, until } = asked;
  if (kinds && kinds.length > MAX_KINDS) throw badInput(`At most ${MAX_KINDS} kinds at once.`);
  return {
    grantId: typeof grantId === 'string' ? (rowIdOf('Grant', grantId) ?? NO_ROW) : undefined,
    connectionId: typeof connectionId === 'string' ? (rowIdOf('McpConnection', connectionId) ?? NO_ROW) : undefined,
    oauthClientId: typeof clientId === 'string' ? (rowIdOf('Client', clientId) ?? NO_ROW) : undefined,
    kinds: kinds ?? undefined,
    outcome: outcome ?? undefined,
    since: since ?? undefined,
    until: until ?? undefined,
  };
}
