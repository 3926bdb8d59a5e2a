/** Every parameter of the endpoints that clients and browsers come to: authorize, token, revoke, introspect, userinfo. */
import { SUPPORTED_SCOPES } from '../../core/grants/scopes.ts';
import { newHandle } from '../../platform/secret.ts';
import { CALLBACK, challengeOf, newVerifier } from '../scene.ts';
import { type Cell, cell } from './cell.ts';
import { type Form, fieldCells, headerCells, inUrl } from './form-cells.ts';
import { near } from './values.ts';
import { FORM, type World } from './world.ts';

/** What may stand behind an endpoint's path. */
export const routesNear = (route: string) => near(route, `/${route}`, 'mcp-connect/', '..', '%2e%2e/').map(inUrl);

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export const protocolCells = (world: World): Cell[] => [
  ...authorizeCells(world),
  ...tokenCells(world),
  ...tellingCells(world),
  ...callbackCells(world),
];

function callbackCells({ send }: World): Cell[] {
  const good: Form = { state: newHandle(), code: 'code', iss: 'https://provider.example' };
  const unusual: Form = { error: 'access_denied', error_description: 'No.' };
  const path = '/oauth/provider/callback';
  return fieldCells('GET provider callback', 2, { good, unusual }, (query) => send({ path, query }));
}

function authorizeCells({ send, post, client, resource, route }: World): Cell[] {
  const good: Form = {
    client_id: client.clientId,
    redirect_uri: CALLBACK,
    response_type: 'code',
    code_challenge: challengeOf(newVerifier()),
    code_challenge_method: 'S256',
    scope: SUPPORTED_SCOPES.join(' '),
    state: 'state',
    resource,
  };
  const unusual: Form = {
    prompt: 'none',
    max_age: '0',
    response_mode: 'query',
    request: 'eyJ',
    request_uri: 'urn:x',
    nonce: 'n',
  };
  const path = '/oauth/authorize';
  const headers = { cookie: 'grantway_browser=abc', 'user-agent': 'x/1', 'sec-purpose': 'prefetch' };
  return [
    ...fieldCells('GET authorize', 1, { good, unusual }, (query) => send({ path, query })),
    ...fieldCells('POST authorize', 0.5, { good, unusual }, (form) => post(path, form)),
    ...headerCells('GET authorize', 0.5, headers, (given) => send({ path, query: good, headers: given })),
    cell('GET authorize', '(route)', 1, routesNear(route), (text) => send({ path: `${path}/${text}`, query: good })),
  ];
}

function tokenCells(world: World): Cell[] {
  const { post, client, another, resource, route, basic } = world;
  const unusual: Form = {
    client_secret: 's',
    client_assertion: world.access,
    client_assertion_type: ASSERTION,
    scope: 'mcp:access',
  };
  const code: Form = {
    grant_type: 'authorization_code',
    code: world.code,
    redirect_uri: CALLBACK,
    code_verifier: newVerifier(),
    client_id: another.clientId,
    resource,
  };
  const refresh: Form = {
    grant_type: 'refresh_token',
    refresh_token: world.refresh,
    client_id: client.clientId,
    resource,
  };
  const path = '/oauth/token';
  const headers = { authorization: basic, 'content-type': FORM, 'user-agent': 'x/1' };
  return [
    ...fieldCells('POST token (code)', 1.5, { good: code, unusual }, (form) => post(path, form)),
    ...fieldCells('POST token (refresh)', 1.5, { good: refresh, unusual }, (form) => post(path, form)),
    ...headerCells('POST token', 1.5, headers, (given) => post(path, { ...code, client_id: '' }, given)),
    cell('POST token', '(route)', 1.5, routesNear(route), (text) => post(`${path}/${text}`, refresh)),
  ];
}

function tellingCells(world: World): Cell[] {
  const { send, post, basic, secretId, access, apiKey } = world;
  const cells = ['revoke', 'introspect'].flatMap((endpoint) => {
    const good: Form = {
      // What is right at the revocation endpoint would be gone after the first time.
      token: endpoint === 'revoke' ? `${world.theirs}x` : world.theirs,
      token_type_hint: 'access_token',
    };
    const path = `/oauth/${endpoint}`;
    const unusual = { client_id: secretId, client_secret: 's' };
    const headers = { authorization: basic, 'content-type': FORM };
    return [
      ...fieldCells(`POST ${endpoint}`, 2, { good, unusual }, (form) => post(path, form, { authorization: basic })),
      ...headerCells(`POST ${endpoint}`, 2, headers, (given) => post(path, good, given)),
    ];
  });
  return [
    ...cells,
    ...headerCells('POST introspect (key)', 2, { authorization: apiKey }, (headers) =>
      post('/oauth/introspect', { token: access }, headers),
    ),
    ...headerCells('userinfo', 2, { authorization: `Bearer ${access}` }, (headers) =>
      send({ path: '/oauth/userinfo', headers }),
    ),
  ];
}
