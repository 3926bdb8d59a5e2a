/** The GraphQL schema, put together from its types. */
import './api-key.ts';
import './audit-event.ts';
import './audit-event-recorded.ts';
import './audit-event-page.ts';
import './authorization-decide.ts';
import './authorization-request.ts';
import './authorized-client.ts';
import './client.ts';
import './client-revoke.ts';
import './connection-change.ts';
import './connection-create.ts';
import './connection-page.ts';
import './connection-status.ts';
import './connection-test.ts';
import './connection-usage.ts';
import './error.ts';
import './grant.ts';
import './grant-changed.ts';
import './grant-page.ts';
import './grants-revoke.ts';
import './mcp-connection.ts';
import './organization.ts';
import './token-family.ts';
import './user.ts';
import './viewer.ts';
import { builder } from './builder.ts';

export const schema = builder.toSchema({ sortSchema: true });
