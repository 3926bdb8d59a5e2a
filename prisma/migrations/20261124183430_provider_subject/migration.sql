-- AlterTable
ALTER TABLE "provider_grant" ADD COLUMN     "subject" TEXT;

-- AlterTable
ALTER TABLE "provider_revocation" ADD COLUMN     "taken_until" TIMESTAMPTZ(6);
