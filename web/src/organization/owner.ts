// On whose behalf one looks, as the API takes it: an organization by its id, or oneself.
export const ownerOf = (org: string | undefined) => (org ? { organizationId: org } : null);
