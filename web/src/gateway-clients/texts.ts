// What the administrators' page about clients and their hosts says.
export const page = {
  title: 'Clients waiting',
  lead: 'Some clients are known by a document at their own address. Where the settings say so, you decide on each host before anyone can authorize them.',
  failed: 'The hosts could not be loaded',
};

export const hosts = {
  waiting: 'Waiting for you',
  none: 'No host waits for a decision.',
  waitingList: 'Hosts that wait',
  decided: 'Decided',
  decidedList: 'Hosts that were decided on',
  approved: 'Let in',
  denied: 'Not let in',
  askedAt: 'Asked for ',
  decidedAt: 'Decided ',
  approve: 'Let in',
  approveLabel: (host: string) => `Let in: ${host}`,
  deny: 'Do not let in',
  denyLabel: (host: string) => `Do not let in: ${host}`,
  letIn: (host: string) => `People may now authorize clients of ${host}.`,
  ask: (host: string | undefined) => `Let no client of ${host} in?`,
  done: (host: string | undefined) => `No client of ${host} is let in`,
  what: 'Whatever anyone here has authorized for its clients ends at once, for everyone. You can let the host in again later; what ended stays ended.',
};

export const clients = {
  title: 'All clients',
  search: 'Search clients by name or ID',
  failed: 'The clients could not be loaded',
  none: 'No client is known by that.',
  list: 'Clients',
  blocked: 'Blocked',
  since: 'Known since',
  block: 'Block',
  unblock: 'Unblock',
  blockLabel: (client: string) => `Block ${client}`,
  unblockLabel: (client: string) => `Unblock ${client}`,
  unblocked: 'People may authorize it again.',
  ask: (client: string) => `Block ${client}?`,
  unnamed: 'the client',
  done: 'The client is blocked',
  what: 'Whatever anyone here has authorized for it ends at once, and nobody can authorize it until you unblock it.',
};
