// What is said where the server does not answer, or answers otherwise than expected.
export const failures = {
  page: 'Something on this page went wrong. Reload it to try again.',
  tooMany: 'Too many requests from here. Wait a minute, then try again.',
  away: 'Grantway cannot answer right now. Try again in a moment.',
  unreachable: 'Grantway cannot be reached. Check that you are connected, then try again.',
  signedOut: 'Your session has ended. Sign in again.',
  forbidden: 'Your account may not do this.',
  unreadable: 'Grantway could not read the request.',
  incomplete:
    'Grantway could not complete this. Nothing was lost; try again, and if it keeps failing, tell the operator.',
  unknownAnswer: 'Grantway answered in a way that this page does not know. Reload the page and look again.',
};
