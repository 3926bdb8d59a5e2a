-- AlterTable
ALTER TABLE "oauth_client" ADD COLUMN     "approved_at" TIMESTAMPTZ(6),
ADD COLUMN     "jwks" JSONB,
ADD COLUMN     "jwks_uri" TEXT;

-- CreateTable
CREATE TABLE "used_assertion" (
    "id" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "used_assertion_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "used_assertion_expires_at_idx" ON "used_assertion"("expires_at");
