/** What the authorization endpoint tells a person, for each reason not to redirect. */
import type { DocumentRefusal } from '../../core/clients/metadata-document.ts';
import { errorPage } from '../../platform/http/error-page.ts';

/** Phase 1: `client_id` and `redirect_uri` are not trusted, so nothing is sent anywhere (OAuth 2.1 §4.1.2.1). */
export type UntrustedReason =
  | { kind: 'unreadable' }
  | { kind: 'repeated'; parameter: string }
  | { kind: 'no_client' }
  | { kind: 'unknown_client' }
  | { kind: 'client_blocked' }
  | { kind: 'no_redirect_uri' }
  | { kind: 'unknown_redirect_uri'; redirectUri: string }
  | DocumentRefusal;

const TELL_DEVELOPER = 'If it happens again, tell the maker of the application what this page says.';
const START_AGAIN = 'Go back to the application and connect it again.';

/** The page for a phase 1 error: status 400, no Location. */
export function untrustedPage(reason: UntrustedReason): Response {
  switch (reason.kind) {
    case 'unreadable':
      return page(
        'This sign-in link is broken',
        ['The address that led here cannot be read.'],
        [START_AGAIN, TELL_DEVELOPER],
      );
    case 'repeated':
      return page(
        'This sign-in link is broken',
        [`The application sent the parameter ${reason.parameter} more than once.`],
        [START_AGAIN, TELL_DEVELOPER],
      );
    case 'no_client':
      return page(
        'This sign-in link is broken',
        ['The application did not say who it is (client_id).'],
        [START_AGAIN, TELL_DEVELOPER],
      );
    case 'unknown_client':
      return page(
        'This application is not registered here',
        [
          'It presented an id that this gateway does not know, or does not know any more. Applications keep that id and present it forever.',
        ],
        [
          'Make the application forget its registration: remove the server from its settings and add it again.',
          'Where it has “clear authentication”, “log out” or “reset” for the server, use that. Claude Code: /mcp, the server, Clear authentication. mcp-remote: delete the folder ~/.mcp-auth.',
          'Then connect again: the application registers itself anew.',
        ],
      );
    case 'no_redirect_uri':
      return page(
        'This sign-in link is broken',
        ['The application did not say where to send the answer (redirect_uri).'],
        [START_AGAIN, TELL_DEVELOPER],
      );
    case 'not_a_document_url':
      return page(
        'This application is not known here',
        ['Its id looks like an address, but not like one that a client metadata document may have.'],
        [START_AGAIN, TELL_DEVELOPER],
      );
    case 'host_denied':
      return page(
        'This application is not let in',
        [`Whoever runs this gateway does not let applications of ${reason.host} in.`],
        ['Ask them, if you think that it should be.'],
      );
    case 'host_waiting':
      return page(
        'An administrator has to let this application in first',
        [
          `The application is described at ${reason.host}, and whoever runs this gateway decides on each such host. It is on their list now.`,
        ],
        ['Ask an administrator to allow the host, then connect from the application again.'],
      );
    case 'client_blocked':
      return page(
        'This application is blocked',
        ['An administrator of this gateway has blocked it for everyone.'],
        ['Ask them, if you think that it should not be.'],
      );
    case 'unreachable':
      return page(
        'The application cannot be identified',
        [`Its description at ${reason.host} cannot be fetched at the moment.`],
        ['Wait a little and load this page again.', TELL_DEVELOPER],
      );
    case 'invalid':
      return page(
        'The application cannot be identified',
        [`Its description at ${reason.host} cannot be used: ${reason.because}.`],
        [TELL_DEVELOPER],
      );
    case 'unknown_redirect_uri':
      return page(
        'The answer would go to an unknown address',
        [
          'The application asks to send the answer to an address that it has not registered, so the sign-in stops here.',
          `The address: ${reason.redirectUri.slice(0, 300)}`,
        ],
        [
          'If you did not start this sign-in yourself, close this page.',
          'If you did: remove the server from the settings of the application and add it again, so that it registers its present address.',
        ],
      );
  }
}

export const tooManyPage = (retryAfter: number): Response =>
  errorPage({
    status: 429,
    title: 'Too many sign-ins at once',
    what: ['More sign-ins were started from your network than this gateway takes in a minute.'],
    todo: [`Wait ${retryAfter} s and try again.`],
    retryAfter,
  });

export const unavailablePage = (retryAfter: number): Response =>
  errorPage({
    status: 503,
    title: 'Grantway is not ready',
    what: ['The gateway cannot reach its database at the moment.'],
    todo: ['Wait a little and load this page again. The sign-in goes on from here.'],
    retryAfter,
  });

export const failedPage = (requestId: string): Response =>
  errorPage({
    status: 500,
    title: 'Something went wrong here',
    what: [`The gateway could not handle this sign-in. The reason is in its log under ${requestId}.`],
    todo: ['Try again.', 'If it happens again, tell whoever runs this gateway the id above.'],
  });

const page = (title: string, what: string[], todo: string[]): Response => errorPage({ status: 400, title, what, todo });
