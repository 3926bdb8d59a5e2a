/** A JSON body, read strictly. */
import { ok, type Result, refused } from '../result.ts';
import { type BodyRefusal, mediaTypeOf, readText } from './body.ts';

export type JsonRefusal = BodyRefusal | 'wrong_type' | 'malformed';

/** Reads a body of `application/json` (or `…+json`). Members that come twice in one object are refused: two readers could disagree on them. */
export async function readJson(request: Request, maxBytes: number): Promise<Result<unknown, JsonRefusal>> {
  if (!/^application\/([a-z0-9.-]+\+)?json$/.test(mediaTypeOf(request))) return refused('wrong_type');
  const text = await readText(request, maxBytes);
  if (!text.ok) return text;
  try {
    const value: unknown = JSON.parse(text.value);
    return hasMemberTwice(text.value) ? refused('malformed') : ok(value);
  } catch {
    return refused('malformed');
  }
}

/** Whether an object of this valid JSON text names a member twice. */
export function hasMemberTwice(json: string): boolean {
  const open: Set<string>[] = [];
  for (const [token, colon] of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (colon !== undefined) {
      const name = JSON.parse(token.slice(0, -colon.length)) as string;
      const names = open.at(-1);
      if (names?.has(name)) return true;
      names?.add(name);
    }
  }
  return false;
}
