-- Erasure keeps the ids of rows in the facts of an event: they name no person, and without them what happened no longer hangs together.
CREATE OR REPLACE FUNCTION "audit_redact"("person" uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE "redacted" integer;
BEGIN
  PERFORM set_config('grantway.audit_upkeep', 'on', true);
  UPDATE "audit_event" "e" SET "detail" = COALESCE((
    SELECT jsonb_object_agg("fact"."key", "fact"."value") FROM jsonb_each("e"."detail") AS "fact"
    WHERE "fact"."key" IN ('role', 'from', 'scopes', 'method', 'changed', 'count', 'generations', 'familyId', 'keyId', 'invitationId')
      OR ("fact"."key" = 'reason' AND "e"."kind" NOT LIKE 'user.%')), '{}')
  WHERE "e"."owner_user_id" = "person" AND "e"."detail" <> '{}';
  GET DIAGNOSTICS "redacted" = ROW_COUNT;
  PERFORM set_config('grantway.audit_upkeep', '', true);
  RETURN "redacted";
END $$;
DO $$ BEGIN
  EXECUTE format('ALTER FUNCTION audit_redact(uuid) SET search_path = %I, pg_temp', current_schema());
END $$;
