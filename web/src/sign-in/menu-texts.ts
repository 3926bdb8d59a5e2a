// The words of the menu of one's account: apart from those of the pages around accounts, because it stands on every page.
export const texts = {
  label: (name: string) => `Account: ${name}`,
  administrator: 'Administrator',
  apiKeys: 'API keys',
  people: 'People',
  clients: 'Clients waiting',
  appearance: 'Appearance',
  schemes: { auto: 'Follow the system', light: 'Light', dark: 'Dark' },
  security: 'Security',
  signOut: 'Sign out',
} as const;
