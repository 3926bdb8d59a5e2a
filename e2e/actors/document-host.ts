/** An https host on loopback that publishes client metadata documents, with a certificate that a gateway must be told to trust. */
import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { removeFolder, temporaryFolder } from '../fixtures/gateway.ts';
import { portOf } from '../fixtures/port.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export type DocumentHost = {
  /** Without a trailing slash. */
  url: string;
  /** For NODE_EXTRA_CA_CERTS of the gateway. */
  caFile: string;
  /** Publishes a document, or whatever else is to be answered, at a new path. Returns its address, which is the client_id. */
  publish: (document: object | Answer) => string;
  /** Publishes another one at the same address. */
  change: (clientId: string, document: object | Answer) => void;
  /** How often an address was asked for. */
  fetched: (clientId: string) => number;
  stop: () => Promise<void>;
};

export async function openDocumentHost(): Promise<DocumentHost> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
  });
  const folder = temporaryFolder();
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, cert);

  const answers = new Map<string, Answer>();
  const counts = new Map<string, number>();
  const server = createServer({ key, cert }, (request, response) => {
    const clientId = `${url}${request.url}`;
    counts.set(clientId, (counts.get(clientId) ?? 0) + 1);
    const answer = answers.get(clientId);
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://localhost:${portOf(server)}`;

  const change: DocumentHost['change'] = (clientId, document) => {
    answers.set(
      clientId,
      typeof document === 'function' ? (document as Answer) : json({ client_id: clientId, ...document }),
    );
  };
  return {
    url,
    caFile,
    change,
    publish: (document) => {
      const clientId = `${url}/clients/${answers.size + 1}`;
      change(clientId, document);
      return clientId;
    },
    fetched: (clientId) => counts.get(clientId) ?? 0,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      removeFolder(folder);
    },
  };
}

/** The usual answer: not to be kept, so that a change is seen at the next sign-in. */
const json =
  (document: object): Answer =>
  (_request, response) => {
    response
      .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      .end(JSON.stringify(document));
  };

/** What a native client publishes: loopback without a port, because it has another one each time (field note C23). */
export const nativeDocument = (name: string, path = '/callback') => ({
  client_name: name,
  redirect_uris: [`http://127.0.0.1${path}`, `http://localhost${path}`],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
});
