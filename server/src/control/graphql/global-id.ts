/** Global ids: `Type:uuid` in base64url. Whatever is not exactly that names nothing, and is no error of its own. */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const isUuid = (text: unknown): text is string => typeof text === 'string' && UUID.test(text);

export const encodeGlobalId = (typename: string, id: string | number | bigint): string =>
  Buffer.from(`${typename}:${id}`).toString('base64url');

/** Never throws: a malformed id decodes to no type and no row, like one that nobody ever had. */
export function decodeGlobalId(text: string): { typename: string; id: string } {
  const nothing = { typename: '', id: '' };
  if (text.length > 200) return nothing;
  const decoded = Buffer.from(text, 'base64url').toString();
  const [typename = '', id] = decoded.split(':', 2);
  // One spelling only, so that two texts never name one thing.
  return isUuid(id) && encodeGlobalId(typename, id) === text ? { typename, id } : nothing;
}

/** The row that an id of this type names; null for another type's, and for a malformed one. */
export function rowIdOf(typename: string, text: string): string | null {
  const decoded = decodeGlobalId(text);
  return decoded.typename === typename ? decoded.id : null;
}
