/** The form of a request to the token endpoint and its like. */
import type { Context } from 'hono';
import { type Fields, FORM_TYPE, readForm } from '../../platform/http/form.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { bodyError, methodNotAllowed, oauthError } from './oauth-error.ts';

const MAX_BYTES = 32_768;

/** The fields of a POST, none of them twice (OAuth 2.1 §3.2.2); `resource` alone may be, and is judged where it is read. */
export async function readTokenForm(c: Context): Promise<Result<Fields, Response>> {
  if (c.req.method !== 'POST') return refused(methodNotAllowed('POST'));
  const form = await readForm(c.req.raw, MAX_BYTES);
  if (!form.ok) return refused(bodyError(form.reason, FORM_TYPE, 'invalid_request'));
  const twice = [...form.value.repeated].find((name) => name !== 'resource');
  if (twice !== undefined) return refused(oauthError(400, 'invalid_request', `${twice} came more than once.`));
  return ok(form.value);
}
