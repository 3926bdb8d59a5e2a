// Reads search parameters, which anyone may have typed into the address.

/** As much as the server looks for; an id is shorter. */
export const MAX_SEARCH = 100;

export function searchText(value: unknown): string | undefined {
  // The router reads `?q=42` as a number.
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  const words = text
    .replace(/\p{Cc}/gu, '')
    .trim()
    .slice(0, MAX_SEARCH);
  // Half of a character is none.
  return words.replace(/[\ud800-\udbff]$/, '').toWellFormed() || undefined;
}
