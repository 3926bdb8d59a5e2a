// Reads search parameters, which anyone may have typed into the address.
export function searchText(value: unknown): string | undefined {
  // The router reads `?q=42` as a number.
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text.trim() ? text.trim().slice(0, 200) : undefined;
}
