/** The last attempts of clients to sign in at a connection, step by step: put together from what a sign-in leaves behind. Pure. */

export type StepName = 'discovery' | 'registration' | 'authorize' | 'consent' | 'token' | 'first_call';

export type AttemptStep = {
  name: StepName;
  /** `waiting`: it may still come. `not_reached`: an earlier one failed, or nobody came this far. `not_seen`: it left no trace. */
  outcome: 'ok' | 'failed' | 'waiting' | 'not_reached' | 'not_seen';
  at: Date | null;
  problem: string | null;
  difference: { what: string; expected: string | null; got: string | null } | null;
};

export type Attempt = {
  id: string;
  startedAt: Date;
  clientId: string | null;
  clientName: string | null;
  userAgent: string | null;
  outcome: Exclude<AttemptStep['outcome'], 'not_seen'>;
  steps: AttemptStep[];
};

/** A row of `sign_in_trace`. */
export type TraceRow = {
  id: string;
  at: Date;
  step: string;
  problem: string | null;
  what: string | null;
  expected: string | null;
  got: string | null;
  clientId: string | null;
  source: string;
  userAgent: string | null;
};

/** An authorization request with what became of it. */
export type RequestRow = {
  id: string;
  createdAt: Date;
  expiresAt: Date;
  decidedAt: Date | null;
  status: 'pending' | 'awaiting_provider' | 'approved' | 'denied' | 'expired' | 'revoked';
  userAgent: string | null;
  client: { clientId: string; name: string | null; createdAt: Date; kind: string };
  codes: {
    consumedAt: Date | null;
    expiresAt: Date;
    revokedAt: Date | null;
    family: { lastUsedAt: Date | null } | null;
  }[];
};

/** What belongs to one attempt happens within this time. */
const TOGETHER_MS = 15 * 60_000;
const MAX_ATTEMPTS = 20;
const ORDER: StepName[] = ['discovery', 'registration', 'authorize', 'consent', 'token', 'first_call'];

/** The newest first, at most twenty. A trace belongs to the request of its client that it came closest after. */
export function attemptsOf(requests: readonly RequestRow[], traces: readonly TraceRow[], now: Date): Attempt[] {
  const left = new Set(traces);
  const newestFirst = [...requests].sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  const attempts = newestFirst.map((request, index) => {
    const next = newestFirst.slice(0, index).findLast(({ client }) => client.clientId === request.client.clientId);
    const own = [...left].filter(
      (trace) =>
        // A request that was refused is not this one, which was taken.
        trace.step !== 'authorize' &&
        trace.clientId === request.client.clientId &&
        trace.at >= (trace.step === 'registration' ? request.client.createdAt : request.createdAt) &&
        (!next || trace.at < next.createdAt || trace.step === 'registration'),
    );
    const sources = new Set(own.map(({ source }) => source));
    const found = [...left].filter(
      ({ step, problem, what, at, source }) =>
        step === 'discovery' &&
        // Some look in several places; that one of them was wrong tells nothing once they have found the way.
        (problem === null || what === 'issuer') &&
        sources.has(source) &&
        isWithin(at, request.createdAt) &&
        at <= request.createdAt,
    );
    for (const trace of [...own, ...found]) left.delete(trace);
    return ofRequest(request, [...found, ...own], now);
  });
  return [...attempts, ...ofTraces([...left], now)]
    .sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime())
    .slice(0, MAX_ATTEMPTS);
}

const NEVER_CAME =
  'The client never came for its tokens: the answer did not reach it, or it expects another issuer and refused it.';

const isWithin = (a: Date, b: Date): boolean => Math.abs(a.getTime() - b.getTime()) < TOGETHER_MS;

type Told = Partial<Record<StepName, Omit<AttemptStep, 'name'>>>;
const said = (outcome: AttemptStep['outcome'], at: Date | null = null, problem: string | null = null) => ({
  outcome,
  at,
  problem,
  difference: null,
});

function ofRequest(request: RequestRow, traces: readonly TraceRow[], now: Date): Attempt {
  const { client, codes, userAgent } = request;
  const discovered = traces.find(({ step }) => step === 'discovery');
  const told: Told = {
    discovery: discovered ? said('ok', discovered.at) : said('not_seen'),
    registration: said('ok', client.kind === 'dynamic' ? client.createdAt : null),
    authorize: said('ok', request.createdAt),
    consent: consentOf(request, now),
  };
  const failed = (step: string) => traces.findLast((trace) => trace.step === step && trace.problem !== null);
  if (told.consent?.outcome === 'ok') {
    const code = codes[0];
    const refused = failed('token');
    if (code?.consumedAt) told.token = said('ok', code.consumedAt);
    else if (refused) told.token = toldBy(refused);
    else if (code && (code.revokedAt || code.expiresAt <= now)) told.token = said('failed', code.expiresAt, NEVER_CAME);
    else told.token = said('waiting');
    const used = code?.family?.lastUsedAt;
    const call = traces.findLast(({ step }) => step === 'first_call');
    const stumbled = call?.problem ? call : undefined;
    if (told.token.outcome === 'ok') {
      if (call && !stumbled) told.first_call = said('ok', call.at);
      else if (used && !(stumbled && isLast(stumbled, used))) told.first_call = said('ok', used);
      else told.first_call = stumbled ? toldBy(stumbled) : said('waiting');
    }
  }
  return assemble(`request/${request.id}`, told, {
    startedAt: request.createdAt,
    clientId: client.clientId,
    clientName: client.name,
    userAgent: traces.find(({ userAgent: own }) => own !== null)?.userAgent ?? userAgent,
  });
}

/** Whether the server failed a call, and nothing came after it: a call that failed is a use too, and uses are told apart by half a minute. */
const isLast = ({ what, at }: TraceRow, used: Date): boolean => what === null && used.getTime() - at.getTime() < 30_000;

function consentOf({ status, expiresAt, decidedAt }: RequestRow, now: Date): Omit<AttemptStep, 'name'> {
  switch (status) {
    case 'approved':
      return said('ok', decidedAt);
    case 'denied':
      return said('failed', decidedAt, 'The person said no.');
    case 'expired':
      return said('failed', expiresAt, 'Nobody answered in time.');
    case 'revoked':
      return said('failed', decidedAt, 'What was asked for changed or ended before anyone answered.');
    case 'awaiting_provider':
      return said('waiting', null, 'The sign-in at the provider of the server is not finished.');
    case 'pending':
      return expiresAt <= now ? said('failed', expiresAt, 'Nobody answered in time.') : said('waiting');
  }
}

const toldBy = ({ at, problem, what, expected, got }: TraceRow): Omit<AttemptStep, 'name'> => ({
  outcome: problem === null ? 'ok' : 'failed',
  at,
  problem,
  difference: what === null ? null : { what, expected, got },
});

/** Attempts that never became a request: gathered by client where there is one, else by where they came from and when. */
function ofTraces(traces: readonly TraceRow[], now: Date): Attempt[] {
  const groups: TraceRow[][] = [];
  for (const trace of [...traces].sort((a, b) => a.at.getTime() - b.at.getTime())) {
    const group = groups.findLast((rows) => {
      const last = rows.at(-1) as TraceRow;
      const clientId = rows.find((row) => row.clientId !== null)?.clientId;
      const sameClient = trace.clientId !== null && trace.clientId === clientId;
      const sameSource =
        trace.source === last.source && (trace.clientId === null || clientId === undefined || sameClient);
      return (sameClient || sameSource) && isWithin(last.at, trace.at);
    });
    if (group) group.push(trace);
    else groups.push([trace]);
  }
  return groups.map((rows) => {
    const [first] = rows as [TraceRow];
    const last = rows.at(-1) as TraceRow;
    const told: Told = {};
    for (const row of rows) told[row.step as StepName] = toldBy(row);
    const reached = Math.max(...rows.map(({ step }) => ORDER.indexOf(step as StepName)));
    for (const name of ORDER.slice(0, reached)) told[name] ??= said('not_seen');
    const next = ORDER[reached + 1];
    if (next && !Object.values(told).some(({ outcome }) => outcome === 'failed'))
      told[next] = isWithin(last.at, now) ? said('waiting') : said('not_reached', null, 'The client came no further.');
    return assemble(`trace/${first.id}`, told, {
      startedAt: first.at,
      clientId: rows.find(({ clientId }) => clientId !== null)?.clientId ?? null,
      clientName: null,
      userAgent: rows.find(({ userAgent }) => userAgent !== null)?.userAgent ?? null,
    });
  });
}

function assemble(id: string, told: Told, about: Omit<Attempt, 'id' | 'outcome' | 'steps'>): Attempt {
  const steps = ORDER.map((name) => ({ name, ...(told[name] ?? said('not_reached')) }));
  const seen = steps.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'not_seen');
  const decisive = seen.find((outcome) => outcome === 'failed') ?? seen.find((outcome) => outcome !== 'ok');
  return { id, ...about, outcome: decisive ?? 'ok', steps };
}
