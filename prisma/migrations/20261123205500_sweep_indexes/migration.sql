-- The sweep finds at once that there is nothing to do
CREATE INDEX "refresh_token_sealed" ON "refresh_token" ("rotated_at") WHERE "sealed_successor" IS NOT NULL;
CREATE INDEX "refresh_token_revoked" ON "refresh_token" ("revoked_at") WHERE "revoked_at" IS NOT NULL;
