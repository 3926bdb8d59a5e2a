/** Subscribing as the viewer: it ends when the session, the API key or the membership that it hangs on does. */
import { GraphQLError } from 'graphql';
import { type EventReader, mayRead } from '../../core/audit/filter.ts';
import type { Recorded } from '../../core/audit/recorded.ts';
import type { KeyHolder, Viewer } from '../../core/people/viewer.ts';
import { type Context, viewerIn } from './context.ts';
import { eventReader } from './event-reader.ts';
import type { OwnerArgument } from './owner.ts';

/** What a subscription hangs on: the session or the API key. */
const holderOf = ({ sessionId, apiKey }: Viewer | KeyHolder): string => sessionId ?? apiKey.id;

/** The events of an owner as they are recorded, narrowed by `wants`. @throws FORBIDDEN, TOO_MANY_SUBSCRIPTIONS */
export async function follow(
  context: Context,
  owner: OwnerArgument,
  wants: (event: Recorded) => boolean,
): Promise<AsyncIterableIterator<Recorded>> {
  const viewer = viewerIn(context);
  let reader: EventReader = await eventReader(context, owner);
  return context.live.open({
    holder: holderOf(viewer),
    userId: viewer.userId,
    concerns: (event) => wants(event) && mayRead(reader, event),
    tell: async (event) => (mayRead(reader, event) ? event : null),
    mayGoOn: async () => {
      const now = await context.viewerNow();
      if (!now || holderOf(now) !== holderOf(viewer)) return false;
      try {
        reader = await eventReader({ ...context, viewer: now }, owner);
        return true;
      } catch (error) {
        if (error instanceof GraphQLError) return false;
        throw error;
      }
    },
  });
}
