/** How clients fared that tried to sign in at a connection: all of them for those who manage it, and one's own. */
import type { Prisma } from '@grantway/prisma/client';
import type { Attempt, AttemptStep } from '../../core/authorizations/attempts.ts';
import { readAttempts } from '../../core/authorizations/read-attempts.ts';
import { manageableBy, visibleTo } from '../../core/connections/manageable.ts';
import { builder } from './builder.ts';
import { viewerIn } from './context.ts';
import { McpConnection } from './mcp-connection.ts';
import { needs } from './needs.ts';

const Outcome = builder.enumType('ConnectOutcome', {
  description: 'What came of a step, or of a whole attempt.',
  values: {
    OK: { value: 'ok', description: 'It went as it should.' },
    FAILED: { value: 'failed', description: 'It was refused, or went wrong.' },
    WAITING: { value: 'waiting', description: 'It may still come.' },
    NOT_SEEN: { value: 'not_seen', description: 'It left no trace here: it may have been earlier, or elsewhere.' },
    NOT_REACHED: { value: 'not_reached', description: 'The client did not come this far.' },
  } as const,
});

const StepName = builder.enumType('ConnectStepName', {
  description: 'The steps of a sign-in, in their order.',
  values: {
    DISCOVERY: { value: 'discovery', description: 'It asked without a token, and was told where to sign in.' },
    REGISTRATION: { value: 'registration', description: 'It became known: by its document, or by registering.' },
    AUTHORIZE: { value: 'authorize', description: 'It sent the browser here with what it wants.' },
    CONSENT: { value: 'consent', description: 'The person allowed or denied it.' },
    TOKEN: { value: 'token', description: 'It exchanged its code for tokens.' },
    FIRST_CALL: { value: 'first_call', description: 'It made a request with its token.' },
  } as const,
});

const Difference = builder.objectRef<NonNullable<AttemptStep['difference']>>('ConnectDifference').implement({
  description: 'What a client sent, and what it would have had to.',
  fields: (t) => ({
    what: t.exposeString('what', { description: 'The name of the parameter.' }),
    expected: t.exposeString('expected', {
      nullable: true,
      description: 'Null where no one value is right, or none is to be shown.',
    }),
    got: t.exposeString('got', {
      nullable: true,
      description: 'Null where nothing was sent, or what was is not to be shown.',
    }),
  }),
});

const ConnectStep = builder.objectRef<AttemptStep>('ConnectStep').implement({
  description: 'One step of an attempt to sign in.',
  fields: (t) => ({
    name: t.expose('name', { type: StepName, description: 'Which one it is.' }),
    outcome: t.expose('outcome', { type: Outcome, description: 'How it went.' }),
    at: t.expose('at', { type: 'DateTime', nullable: true, description: 'Null where it was not seen.' }),
    problem: t.exposeString('problem', { nullable: true, description: 'In a sentence. Null when there is none.' }),
    difference: t.expose('difference', {
      type: Difference,
      nullable: true,
      description: 'Null when nothing differed.',
    }),
  }),
});

const ConnectAttempt = builder.objectRef<Attempt>('ConnectAttempt').implement({
  description: 'An attempt of a client to sign in at a connection.',
  fields: (t) => ({
    id: t.id({ description: 'Tells attempts of one connection apart, and nothing else.', resolve: ({ id }) => id }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When its first request came.' }),
    clientId: t.exposeString('clientId', {
      nullable: true,
      description: 'As presented. Null when it came before any.',
    }),
    clientName: t.exposeString('clientName', {
      nullable: true,
      description: 'Self-reported. Null when it is not known.',
    }),
    userAgent: t.exposeString('userAgent', { nullable: true, description: 'As sent. Null when none was.' }),
    outcome: t.expose('outcome', { type: Outcome, description: 'How far it has come as a whole.' }),
    steps: t.expose('steps', { type: [ConnectStep], description: 'Every step, also those that were not reached.' }),
  }),
});

builder.prismaObjectField(McpConnection, 'connectAttempts', (t) =>
  t.field({
    type: [ConnectAttempt],
    ...needs('connections:write'),
    // Several statements for each connection: for one that somebody looks at, not for a page of them.
    complexity: { field: 200, multiplier: 20 },
    nullable: true,
    description:
      'The last attempts of clients to sign in here, newest first: at most twenty, of the last seven days. Whoever does not manage the connection sees their own. Null where the connection is not theirs to use.',
    select: { id: true },
    resolve: async ({ id }, _args, context) => {
      const { database, clock } = context;
      const viewer = viewerIn(context);
      const isIn = async (where: Prisma.ConnectionWhereInput): Promise<boolean> =>
        (await database.db.connection.findFirst({ where: { AND: [{ id }, where] }, select: { id: true } })) !== null;
      if (await isIn(manageableBy(viewer))) return readAttempts(database, id, clock());
      return (await isIn(visibleTo(viewer))) ? readAttempts(database, id, clock(), viewer.userId) : null;
    },
  }),
);
