-- AlterTable
ALTER TABLE "connection_instance" ADD COLUMN     "wanted_scopes" TEXT[] DEFAULT ARRAY[]::TEXT[];
