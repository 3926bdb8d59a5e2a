-- CreateEnum
CREATE TYPE "client_host_status" AS ENUM ('waiting', 'approved', 'denied');

-- AlterTable
ALTER TABLE "oauth_client" ADD COLUMN     "blocked_at" TIMESTAMPTZ(6);

-- CreateTable
CREATE TABLE "client_host" (
    "id" UUID NOT NULL,
    "host" TEXT NOT NULL,
    "status" "client_host_status" NOT NULL DEFAULT 'waiting',
    "client_id" TEXT,
    "last_asked_at" TIMESTAMPTZ(6),
    "decided_at" TIMESTAMPTZ(6),
    "decided_by_id" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "client_host_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "client_host_host_key" ON "client_host"("host");

-- CreateIndex
CREATE INDEX "client_host_status_created_at_idx" ON "client_host"("status", "created_at");

-- What a person or a key minted for itself dies with the session or the key. Every request asks for those rows; an open stream is told
-- here, whoever ends them. (`families`: core/grants/revoked.ts knows sign-ins under that name.)
CREATE FUNCTION "announce_ended_minters"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  "total" bigint;
  "names" text;
BEGIN
  SELECT count(*), string_agg("id"::text, ',') INTO "total", "names" FROM "ended";
  IF "total" > 200 THEN
    PERFORM pg_notify('grantway_revoked', 'sweep');
  ELSIF "total" > 0 THEN
    PERFORM pg_notify('grantway_revoked', 'families:' || "names");
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER "session_ended" AFTER DELETE ON "session"
  REFERENCING OLD TABLE AS "ended" FOR EACH STATEMENT EXECUTE FUNCTION "announce_ended_minters"();
CREATE TRIGGER "api_key_deleted" AFTER DELETE ON "api_key"
  REFERENCING OLD TABLE AS "ended" FOR EACH STATEMENT EXECUTE FUNCTION "announce_ended_minters"();

-- A transition table goes with no list of columns (keys also change when they are used), so that here each row is looked at alone.
CREATE FUNCTION "announce_revoked_key"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('grantway_revoked', 'families:' || NEW."id");
  RETURN NULL;
END
$$;

CREATE TRIGGER "api_key_revoked" AFTER UPDATE OF "revoked_at" ON "api_key"
  FOR EACH ROW WHEN (OLD."revoked_at" IS NULL AND NEW."revoked_at" IS NOT NULL) EXECUTE FUNCTION "announce_revoked_key"();
