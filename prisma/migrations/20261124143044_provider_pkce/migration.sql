-- AlterTable
ALTER TABLE "connection" ADD COLUMN     "provider_pkce_unannounced" BOOLEAN NOT NULL DEFAULT false;
