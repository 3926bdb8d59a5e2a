/** Registration and its management, and the documents that clients find us by. */
import { METHODS } from 'node:http';
import fc from 'fast-check';
import { CALLBACK } from '../scene.ts';
import { routesNear } from './authorization-server.ts';
import { type Cell, cell } from './cell.ts';
import { headerCells, inUrl } from './form-cells.ts';
import { anyJson, near } from './values.ts';
import { JSON_TYPE, type World } from './world.ts';

const METADATA: Record<string, unknown> = {
  redirect_uris: [CALLBACK],
  client_name: 'Fuzz',
  scope: 'mcp:access',
  grant_types: ['authorization_code'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
  application_type: 'native',
  contacts: ['a@example.com'],
  client_uri: 'https://app.example',
  logo_uri: 'https://app.example/logo.png',
  jwks: { keys: [] },
  jwks_uri: 'https://app.example/jwks',
  software_id: 'x',
  software_statement: 'x',
};
const GOOD = JSON.stringify(METADATA);
const URIS = [CALLBACK, 'https://app.example/cb', 'cursor://x.y/cb', 'http://127.0.0.1:1/'];

export const discoveryCells = (world: World): Cell[] => [
  ...registrationCells(world),
  ...managementCells(world),
  ...documentCells(world),
];

function registrationCells({ json, route, managed }: World): Cell[] {
  const headers = { authorization: `Bearer ${managed.token}` };
  // RFC 7592 §2.2: it says who it is, and how it authenticates stays.
  const same = { client_id: managed.id, token_endpoint_auth_method: undefined };
  const members = Object.keys(METADATA).flatMap((name) => {
    const changed = (value: unknown) => JSON.stringify({ ...METADATA, [name]: value });
    return [
      cell('POST register', name, 0.7, anyJson, (value) => json('/oauth/register', changed(value))),
      cell('PUT register', name, 0.7, anyJson, (value) =>
        json(`/oauth/register/${managed.id}`, JSON.stringify({ ...METADATA, ...same, [name]: value }), headers, 'PUT'),
      ),
    ];
  });
  return [
    ...members,
    cell('POST register', 'redirect_uris[]', 1, fc.array(near(...URIS), { maxLength: 5 }), (list) =>
      json('/oauth/register', JSON.stringify({ redirect_uris: list })),
    ),
    cell('POST register', '(raw)', 1.5, near(GOOD), (body) => json('/oauth/register', body)),
    cell('POST register', '(route)', 1.5, routesNear(route), (text) => json(`/oauth/register/resource/${text}`, GOOD)),
    ...headerCells('POST register', 1, { 'content-type': JSON_TYPE }, (given) => json('/oauth/register', GOOD, given)),
  ];
}

function managementCells({ send, managed }: World): Cell[] {
  return ['GET', 'PUT', 'DELETE'].flatMap((method) => {
    const ids = near(managed.id).map((id) => encodeURIComponent(id.toWellFormed()));
    const body = method === 'PUT' ? { body: GOOD } : {};
    // Never what is right for this client with DELETE: the other cells need it.
    const [id, authorization] =
      method === 'DELETE' ? [`${managed.id}x`, `Bearer ${managed.token}x`] : [managed.id, `Bearer ${managed.token}`];
    const ask = (to: string, headers: Record<string, string>) =>
      send({ path: `/oauth/register/${to}`, method, ...body, headers: { 'content-type': JSON_TYPE, ...headers } });
    return [
      cell(`${method} register`, 'client_id', 2, ids, (text) => ask(text, { authorization })),
      ...headerCells(`${method} register`, 2, { authorization }, (given) => ask(id, given)),
    ];
  });
}

function documentCells({ send, route }: World): Cell[] {
  const headers = {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    accept: '*/*',
    origin: 'https://x.example',
  };
  const documents = ['oauth-authorization-server', 'openid-configuration'].flatMap((name) => [
    cell('GET metadata', `${name}/…`, 12, routesNear(route), (text) => send({ path: `/.well-known/${name}/${text}` })),
    ...headerCells('GET metadata', 6, headers, (given) => send({ path: `/.well-known/${name}`, headers: given })),
  ]);
  // Those that Node's parser knows; `fetch` refuses three of them.
  const methods = fc.constantFrom(...METHODS.filter((method) => !/^(CONNECT|TRACE|TRACK)$/.test(method)));
  const names = ['token', 'authorize', 'register', 'revoke', 'introspect', 'userinfo', 'jwks.json'];
  const paths = fc.constantFrom(...names.map((name) => `/oauth/${name}`), '/.well-known/oauth-authorization-server');
  return [
    ...documents,
    cell('GET jwks', '(query)', 10, near('a=b').map(inUrl), (query) => send({ path: '/oauth/jwks.json', query })),
    cell('any of these', '(method)', 8, fc.tuple(paths, methods), ([path, method]) => send({ path, method })),
  ];
}
