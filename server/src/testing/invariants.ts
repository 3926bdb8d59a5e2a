/** What must be true of the rows at every moment, asked in SQL. Each query finds what is wrong, so an empty answer is a good one. */
import type { Database } from '../platform/database.ts';

const WRONG: Record<string, string> = {
  'I3: a code gave more than one family': `
    SELECT c.id FROM authorization_code c JOIN token_family f ON f.id = c.family_id GROUP BY c.id HAVING count(*) > 1`,
  'I3: a family without the one code that it came from': `
    SELECT f.id FROM token_family f WHERE NOT EXISTS (SELECT 1 FROM authorization_code c WHERE c.family_id = f.id AND c.consumed_at IS NOT NULL)`,
  'I3: an approved request without a grant, or with two codes': `
    SELECT r.id FROM authorization_request r WHERE r.status = 'approved'
      AND (r.grant_id IS NULL OR (SELECT count(*) FROM authorization_code c WHERE c.authorization_request_id = r.id) > 1)`,
  'I4: a family with more than one live refresh token': `
    SELECT family_id FROM refresh_token WHERE rotated_at IS NULL AND revoked_at IS NULL GROUP BY family_id HAVING count(*) > 1`,
  'I4: a live refresh token in a dead family': `
    SELECT t.id FROM refresh_token t JOIN token_family f ON f.id = t.family_id WHERE f.revoked_at IS NOT NULL AND t.revoked_at IS NULL`,
  'I4: generations that fork or have a gap': `
    SELECT family_id FROM refresh_token GROUP BY family_id HAVING count(*) <> max(generation)`,
  'I4: a sealed successor that no sweep will find': `
    SELECT id FROM refresh_token WHERE sealed_successor IS NOT NULL AND id NOT IN (SELECT refresh_token_id FROM rotated_token)`,
  'I5: two active grants of one binding': `
    SELECT oauth_client_id FROM oauth_grant WHERE status = 'active'
    GROUP BY oauth_client_id, user_id, connect_resource_id, redirect_uri HAVING count(*) > 1`,
  'I5: a grant that was active after its revocation': `
    SELECT r.grant_id FROM audit_event r JOIN oauth_grant g ON g.id = r.grant_id WHERE r.kind = 'grant.revoked' AND g.status <> 'revoked'`,
  'I6: a live family, code or waiting request under a revoked grant': `
    SELECT g.id FROM oauth_grant g WHERE g.status = 'revoked' AND (
      EXISTS (SELECT 1 FROM token_family f WHERE f.grant_id = g.id AND f.revoked_at IS NULL)
      OR EXISTS (SELECT 1 FROM authorization_code c WHERE c.grant_id = g.id AND c.consumed_at IS NULL AND c.revoked_at IS NULL)
      OR EXISTS (SELECT 1 FROM authorization_request r WHERE r.grant_id = g.id AND r.status IN ('pending', 'awaiting_provider'))
      OR EXISTS (SELECT 1 FROM pending_provider_authorization p WHERE p.grant_id = g.id AND p.status = 'pending'))`,
  'I6: rows of one grant that disagree': `
    SELECT g.id FROM oauth_grant g JOIN connection_instance i ON i.id = g.instance_id JOIN connect_resource r ON r.id = g.connect_resource_id
    WHERE i.user_id <> g.user_id OR i.connection_id <> g.connection_id OR r.connection_id <> g.connection_id`,
  'I7: a code without an active or revoked grant behind it': `
    SELECT c.id FROM authorization_code c JOIN oauth_grant g ON g.id = c.grant_id WHERE g.status = 'pending'`,
  'I7: a code for an upstream whose sign-in is not stored': `
    SELECT c.id FROM authorization_code c JOIN oauth_grant g ON g.id = c.grant_id JOIN connection n ON n.id = g.connection_id
    WHERE n.auth_mode::text LIKE 'oauth%' AND NOT EXISTS (SELECT 1 FROM provider_grant p WHERE p.instance_id = g.instance_id)`,
  'a sign-in at a provider of an ended instance, or without its material, or ended and kept with nobody to end it': `
    SELECT p.id FROM provider_grant p JOIN connection_instance i ON i.id = p.instance_id
    WHERE p.revoked_at IS NULL AND (p.sealed = '' OR i.status IN ('revoked', 'removed'))
      OR p.revoked_at IS NOT NULL AND p.sealed <> '' AND NOT EXISTS (SELECT 1 FROM provider_revocation r WHERE r.provider_grant_id = p.id)`,
  'I9: a revoked grant without exactly one record of it': `
    SELECT g.id FROM oauth_grant g WHERE g.status = 'revoked'
      AND (SELECT count(*) FROM audit_event e WHERE e.grant_id = g.id AND e.kind = 'grant.revoked') <> 1`,
  'I9: a family without a record of its beginning': `
    SELECT f.id FROM token_family f WHERE NOT EXISTS (SELECT 1 FROM audit_event e
      WHERE e.kind = 'family.started' AND e.grant_id = f.grant_id AND e.detail->>'familyId' = f.id::text)`,
  'an active grant of a blocked or erased user': `
    SELECT g.id FROM oauth_grant g JOIN "user" u ON u.id = g.user_id
    WHERE g.status = 'active' AND (u.blocked_at IS NOT NULL OR u.deleted_at IS NOT NULL)`,
  'an active grant of a deleted client': `
    SELECT g.id FROM oauth_grant g JOIN oauth_client c ON c.id = g.oauth_client_id WHERE g.status = 'active' AND c.deleted_at IS NOT NULL`,
  'an active grant of a disabled, deleted or changed connection': `
    SELECT g.id FROM oauth_grant g JOIN connection n ON n.id = g.connection_id WHERE g.status = 'active'
      AND (n.status <> 'enabled' OR n.deleted_at IS NOT NULL OR n.version <> g.connection_version)`,
  'an active grant of a retired route': `
    SELECT g.id FROM oauth_grant g JOIN connect_resource r ON r.id = g.connect_resource_id WHERE g.status = 'active' AND r.retired_at IS NOT NULL`,
  'an active grant in an organization without membership or assignment': `
    SELECT g.id FROM oauth_grant g JOIN connection n ON n.id = g.connection_id AND n.owner_organization_id IS NOT NULL
    WHERE g.status = 'active' AND NOT (
      EXISTS (SELECT 1 FROM membership m WHERE m.organization_id = n.owner_organization_id AND m.user_id = g.user_id AND m.removed_at IS NULL)
      AND EXISTS (SELECT 1 FROM assignment a WHERE a.connection_id = n.id AND a.user_id = g.user_id AND a.removed_at IS NULL))`,
};

/** What is wrong with the rows; empty when nothing is. */
export async function violations(database: Database): Promise<string[]> {
  const found: string[] = [];
  for (const [name, query] of Object.entries(WRONG)) {
    const rows = await database.db.$queryRawUnsafe<unknown[]>(query);
    if (rows.length > 0) found.push(`${name} (${rows.length})`);
  }
  return found;
}
