// The words of the switch between oneself and organizations: apart from the rest, because it stands on every page.
export const texts = {
  organization: 'Organization',
  personal: 'Personal',
  label: (name: string) => `Context: ${name}`,
  create: 'New organization',
} as const;
