-- The record is append-only: no event is rewritten, deleted or truncated, but by the two functions below. They set the mark that lets
-- them through for as long as they run: in their bodies, because only a superuser may put a parameter of ours among a function's own
-- settings. Where the program's own role has no UPDATE, DELETE and TRUNCATE on this table (docs/operations.md), the mark alone opens
-- nothing, and they run as the owner of the table.
CREATE OR REPLACE FUNCTION "audit_event_is_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('grantway.audit_upkeep', true) = 'on' AND TG_OP = 'UPDATE' THEN
    RETURN NEW;
  ELSIF current_setting('grantway.audit_upkeep', true) = 'on' AND TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'audit events are never changed';
END $$;
CREATE TRIGGER "audit_event_never_deleted" BEFORE DELETE ON "audit_event" FOR EACH ROW EXECUTE FUNCTION "audit_event_is_append_only"();
CREATE TRIGGER "audit_event_never_truncated" BEFORE TRUNCATE ON "audit_event" FOR EACH STATEMENT EXECUTE FUNCTION "audit_event_is_append_only"();

-- Retention: forgets what is older than `before`, never what is younger than a day, at most so many. Returns how many.
CREATE FUNCTION "audit_forget"("before" timestamptz, "at_most" integer) RETURNS integer
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

-- Erasure (GDPR Art. 17): of the events of one person, only those facts stay that the program itself words. Returns how many changed.
CREATE FUNCTION "audit_redact"("person" uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE "redacted" integer;
BEGIN
  PERFORM set_config('grantway.audit_upkeep', 'on', true);
  UPDATE "audit_event" "e" SET "detail" = COALESCE((
    SELECT jsonb_object_agg("fact"."key", "fact"."value") FROM jsonb_each("e"."detail") AS "fact"
    WHERE "fact"."key" IN ('role', 'method', 'changed', 'count', 'generations')
      OR ("fact"."key" = 'reason' AND "e"."kind" NOT LIKE 'user.%')), '{}')
  WHERE "e"."owner_user_id" = "person" AND "e"."detail" <> '{}';
  GET DIAGNOSTICS "redacted" = ROW_COUNT;
  PERFORM set_config('grantway.audit_upkeep', '', true);
  RETURN "redacted";
END $$;

-- They run with the rights of their owner, so that nobody's table of the same name may come in between.
DO $$ BEGIN
  EXECUTE format('ALTER FUNCTION audit_forget(timestamptz, integer) SET search_path = %I, pg_temp', current_schema());
  EXECUTE format('ALTER FUNCTION audit_redact(uuid) SET search_path = %I, pg_temp', current_schema());
END $$;

-- Whoever records announces: the ids of what was added, delivered at commit, in parts that fit into a payload of 8 000 bytes.
CREATE FUNCTION "audit_event_is_announced"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE "ids" text[]; "at" integer := 1;
BEGIN
  SELECT array_agg("id"::text ORDER BY "occurred_at", "id") INTO "ids" FROM "added";
  WHILE "at" <= COALESCE(array_length("ids", 1), 0) LOOP
    PERFORM pg_notify('grantway_recorded', array_to_string("ids"["at":"at" + 199], ','));
    "at" := "at" + 200;
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER "audit_event_announced" AFTER INSERT ON "audit_event" REFERENCING NEW TABLE AS "added" FOR EACH STATEMENT EXECUTE FUNCTION "audit_event_is_announced"();
