/** Form fields, from a query string or an urlencoded body, read strictly: what is ambiguous is not guessed. */
import { ok, type Result, refused } from '../result.ts';
import { type BodyRefusal, mediaTypeOf, readText } from './body.ts';

/** Named values. A field without a value is absent (RFC 6749 §3.1); a name that came twice has no value at all. */
export type Fields = { get: (name: string) => string | undefined; repeated: ReadonlySet<string> };

export type FormRefusal = BodyRefusal | 'wrong_type' | 'malformed';

/** The media type of a form. */
export const FORM_TYPE = 'application/x-www-form-urlencoded';

const MAX_FIELDS = 100;

/** Reads `a=b&c=d`. Broken percent-encoding, NUL (which no database text can hold) and more than a hundred fields are refused. */
export function parseFields(text: string): Result<Fields, 'malformed'> {
  const parts = text.split('&').filter((part) => part !== '');
  if (parts.length > MAX_FIELDS) return refused('malformed');
  const values = new Map<string, string>();
  const repeated = new Set<string>();
  for (const part of parts) {
    const at = part.indexOf('=');
    const name = decode(at < 0 ? part : part.slice(0, at));
    const value = decode(at < 0 ? '' : part.slice(at + 1));
    if (name === null || value === null) return refused('malformed');
    if (values.has(name)) repeated.add(name);
    values.set(name, value);
  }
  return ok({ get: (name) => (repeated.has(name) ? undefined : values.get(name) || undefined), repeated });
}

/** Reads an urlencoded body, and the query string in front of it when given: a name in both has come twice. */
export async function readForm(request: Request, maxBytes: number, query = ''): Promise<Result<Fields, FormRefusal>> {
  if (mediaTypeOf(request) !== FORM_TYPE) return refused('wrong_type');
  const text = await readText(request, maxBytes);
  return text.ok ? parseFields(`${query}&${text.value}`) : text;
}

// What stands for itself: most of what clients send.
const PLAIN = /^[\w.~:/-]*$/;

function decode(text: string): string | null {
  if (PLAIN.test(text)) return text;
  try {
    const plain = decodeURIComponent(text.replaceAll('+', ' '));
    return plain.includes('\0') ? null : plain;
  } catch {
    return null;
  }
}
