/** Client metadata (RFC 7591 §2), read from whatever a stranger sent: defaults, negotiation and refusals. Pure. */
import { z } from 'zod';
import { ok, type Result, refused } from '../../platform/result.ts';
import { shownLine } from '../../platform/shown-text.ts';
import { SUPPORTED_SCOPES } from '../grants/scopes.ts';
import { AUTH_METHODS, type AuthMethod } from './authenticate.ts';
import { redirectUriProblem } from './redirect-uri.ts';

/** What a client may say of itself, and what was made of it. */
export type ClientMetadata = {
  name: string | null;
  redirectUris: string[];
  grantTypes: string[];
  responseTypes: string[];
  scopes: string[];
  /** Undefined when it said none. */
  tokenEndpointAuthMethod: AuthMethod | undefined;
  applicationType: string | null;
  clientUri: string | null;
  softwareId: string | null;
  softwareVersion: string | null;
  /** What is echoed and never acted on. */
  metadata: Record<string, string | string[]>;
};

export type MetadataRefusal = { error: 'invalid_redirect_uri' | 'invalid_client_metadata'; description: string };

const GRANT_TYPES = ['authorization_code', 'refresh_token'];
const MAX_REDIRECT_URIS = 50;
const MAX_NAME = 120;

const line = (max: number) => z.string().transform((text) => shownLine(text, max) || undefined);
const names = z.array(z.string().max(100)).max(50).optional();

// Decoration: what is wrong with it costs the client its logo, not its sign-in.
const webAddress = z
  .httpUrl()
  .max(2_000)
  .regex(/^[\x21-\x7e]+$/)
  .optional()
  .catch(undefined);

/** Members that are not named here do not exist for us: none can reach the row (SECURITY #17). */
const SCHEMA = z.object({
  redirect_uris: z
    .array(z.string())
    .min(1, 'must have at least one')
    .max(MAX_REDIRECT_URIS, `must not have more than ${MAX_REDIRECT_URIS}`),
  token_endpoint_auth_method: z
    .enum(AUTH_METHODS as [AuthMethod, ...AuthMethod[]], `must be one of ${AUTH_METHODS.join(', ')}`)
    .optional(),
  grant_types: names,
  response_types: names,
  scope: z
    .string()
    .max(2_000)
    .regex(/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/, 'must be names with spaces between them')
    .optional(),
  client_name: line(MAX_NAME).optional(),
  // Neither value changes what is accepted: clients of this protocol omit it or get it wrong (SECURITY #21).
  application_type: z.enum(['web', 'native']).optional().catch(undefined),
  client_uri: webAddress,
  logo_uri: webAddress,
  tos_uri: webAddress,
  policy_uri: webAddress,
  contacts: z.array(line(200)).max(10).optional().catch(undefined),
  software_id: line(200).optional().catch(undefined),
  software_version: line(100).optional().catch(undefined),
});

/** Reads client metadata. `own` is our own address. Does not check who sends it. */
export function readMetadata(input: unknown, own: string): Result<ClientMetadata, MetadataRefusal> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return wrong('The body must be a JSON object.');
  }
  // A null member is an absent one (RFC 7591 §2).
  const parsed = SCHEMA.safeParse(Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null)));
  if (!parsed.success) return refused(explain(parsed.error.issues[0]));
  const said = parsed.data;
  for (const uri of said.redirect_uris) {
    const problem = redirectUriProblem(uri, own);
    if (problem)
      return refused({
        error: 'invalid_redirect_uri',
        description: `The redirect URI ${uri.slice(0, 200)} ${problem}.`,
      });
  }
  const grantTypes = negotiate(said.grant_types, GRANT_TYPES, GRANT_TYPES);
  if (!grantTypes.includes('authorization_code')) return wrong('grant_types must include authorization_code.');
  const responseTypes = negotiate(said.response_types, ['code'], ['code']);
  if (responseTypes.length === 0) return wrong('response_types must include code.');

  const asked = (said.scope ?? '').split(' ');
  const { logo_uri, tos_uri, policy_uri, contacts } = said;
  const metadata = { logo_uri, tos_uri, policy_uri, contacts: contacts?.filter((contact) => contact !== undefined) };
  return ok({
    name: said.client_name ?? null,
    redirectUris: [...new Set(said.redirect_uris)],
    grantTypes,
    responseTypes,
    scopes: SUPPORTED_SCOPES.filter((scope) => asked.includes(scope)),
    tokenEndpointAuthMethod: said.token_endpoint_auth_method,
    applicationType: said.application_type ?? null,
    clientUri: said.client_uri ?? null,
    softwareId: said.software_id ?? null,
    softwareVersion: said.software_version ?? null,
    metadata: Object.fromEntries(
      Object.entries(metadata).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
  });
}

/** What of the asked is supported, in our order; the default for nothing. Clients advertise more than they use (field note D36). */
const negotiate = (asked: string[] | undefined, supported: string[], fallback: string[]): string[] =>
  asked === undefined || asked.length === 0 ? [...fallback] : supported.filter((one) => asked.includes(one));

const wrong = (description: string): { ok: false; reason: MetadataRefusal } =>
  refused({ error: 'invalid_client_metadata', description });

function explain(issue: z.core.$ZodIssue | undefined): MetadataRefusal {
  const [member, index] = issue?.path ?? [];
  const error = member === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata';
  const where = index === undefined ? String(member ?? 'The body') : `${String(member)}[${String(index)}]`;
  const because = issue?.code === 'invalid_type' ? `must be of type ${issue.expected}` : (issue?.message ?? 'wrong');
  return { error, description: `${where}: ${because}.` };
}
