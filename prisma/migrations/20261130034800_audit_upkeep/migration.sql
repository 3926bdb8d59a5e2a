-- Databases of before this version hold these two with the mark among a function's own settings, where only a superuser may put it: a backup
-- of such a one could not be restored by the role that owns it. They do the same as before.
CREATE OR REPLACE FUNCTION "audit_forget"("before" timestamptz, "at_most" integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE "forgotten" integer;
BEGIN
  PERFORM set_config('grantway.audit_upkeep', 'on', true);
  DELETE FROM "audit_event" WHERE "id" IN (
    SELECT "id" FROM "audit_event" WHERE "occurred_at" < LEAST("before", clock_timestamp() - interval '1 day')
    LIMIT "at_most" FOR UPDATE SKIP LOCKED);
  GET DIAGNOSTICS "forgotten" = ROW_COUNT;
  PERFORM set_config('grantway.audit_upkeep', '', true);
  RETURN "forgotten";
END $$;
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
  EXECUTE format('ALTER FUNCTION audit_forget(timestamptz, integer) SET search_path = %I, pg_temp', current_schema());
  EXECUTE format('ALTER FUNCTION audit_redact(uuid) SET search_path = %I, pg_temp', current_schema());
END $$;
