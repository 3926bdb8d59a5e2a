-- What a rotation changed in a row, two indexes knew of: so each rotation wrote to all five of the table, and the sweep did once more. Now it
-- writes to none where its page has room, and what the sweep has to look at is on a list.
-- CreateTable
CREATE TABLE "rotated_token" (
    "refresh_token_id" UUID NOT NULL,
    "rotated_at" TIMESTAMPTZ(6) NOT NULL
);
-- Without a key, and still to be published where changes are.
ALTER TABLE "rotated_token" REPLICA IDENTITY FULL;
INSERT INTO "rotated_token" SELECT "id", "rotated_at" FROM "refresh_token" WHERE "sealed_successor" IS NOT NULL AND "rotated_at" IS NOT NULL;

DROP INDEX "refresh_token_sealed";
-- One live token per family follows from its one successor: see refresh_token_family_id_generation_key.
DROP INDEX "refresh_token_live";
-- Each row is written twice: with room for it in the page it stays where the indexes say.
ALTER TABLE "refresh_token" SET (fillfactor = 50);
