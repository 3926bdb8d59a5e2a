-- AlterTable
ALTER TABLE "provider_grant" ADD COLUMN     "sign_in_started_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP;

-- CreateTable
CREATE TABLE "provider_revocation" (
    "provider_grant_id" UUID NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provider_revocation_pkey" PRIMARY KEY ("provider_grant_id")
);

-- CreateIndex
CREATE INDEX "provider_revocation_next_attempt_at_idx" ON "provider_revocation"("next_attempt_at");

-- CreateIndex
CREATE INDEX "provider_grant_provider_client_id_idx" ON "provider_grant"("provider_client_id");

-- AddForeignKey
ALTER TABLE "provider_revocation" ADD CONSTRAINT "provider_revocation_provider_grant_id_fkey" FOREIGN KEY ("provider_grant_id") REFERENCES "provider_grant"("id") ON DELETE CASCADE ON UPDATE CASCADE;
