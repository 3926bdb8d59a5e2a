-- CreateEnum
CREATE TYPE "user_role" AS ENUM ('user', 'admin');

-- CreateEnum
CREATE TYPE "membership_role" AS ENUM ('owner', 'admin', 'member');

-- CreateEnum
CREATE TYPE "auth_mode" AS ENUM ('none', 'static_headers', 'oauth_dynamic', 'oauth_static');

-- CreateEnum
CREATE TYPE "sharing_mode" AS ENUM ('single_user', 'multi_user');

-- CreateEnum
CREATE TYPE "connection_status" AS ENUM ('enabled', 'disabled');

-- CreateEnum
CREATE TYPE "provider_scopes_source" AS ENUM ('challenge', 'manual');

-- CreateEnum
CREATE TYPE "connection_secret_kind" AS ENUM ('static_headers', 'provider_client');

-- CreateEnum
CREATE TYPE "instance_status" AS ENUM ('active', 'needs_reauth', 'revoked', 'removed');

-- CreateEnum
CREATE TYPE "provider_client_kind" AS ENUM ('metadata_document', 'dynamic', 'static');

-- CreateEnum
CREATE TYPE "oauth_client_kind" AS ENUM ('dynamic', 'metadata_document', 'manual');

-- CreateEnum
CREATE TYPE "grant_status" AS ENUM ('pending', 'active', 'revoked');

-- CreateEnum
CREATE TYPE "authorization_request_status" AS ENUM ('pending', 'awaiting_provider', 'approved', 'denied', 'expired', 'revoked');

-- CreateEnum
CREATE TYPE "pending_provider_status" AS ENUM ('pending', 'consumed', 'failed', 'revoked');

-- CreateEnum
CREATE TYPE "audit_outcome" AS ENUM ('success', 'denied', 'failure');

-- CreateTable
CREATE TABLE "user" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "email_verified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "role" "user_role" NOT NULL DEFAULT 'user',
    "blocked_at" TIMESTAMPTZ(6),
    "blocked_reason" TEXT,
    "deleted_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "token" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "ip_address" TEXT,
    "user_agent" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "account_id" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "issuer" TEXT,
    "access_token" TEXT,
    "refresh_token" TEXT,
    "id_token" TEXT,
    "access_token_expires_at" TIMESTAMPTZ(6),
    "refresh_token_expires_at" TIMESTAMPTZ(6),
    "scope" TEXT,
    "password" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verification" (
    "id" UUID NOT NULL,
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "verification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_key" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "organization_id" UUID,
    "name" TEXT NOT NULL,
    "start" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "scopes" TEXT[],
    "expires_at" TIMESTAMPTZ(6),
    "last_used_at" TIMESTAMPTZ(6),
    "revoked_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "organization" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "deleted_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "organization_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "membership" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" "membership_role" NOT NULL DEFAULT 'member',
    "removed_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "membership_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "invitation" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "role" "membership_role" NOT NULL DEFAULT 'member',
    "token_hash" TEXT NOT NULL,
    "invited_by_id" UUID,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "accepted_at" TIMESTAMPTZ(6),
    "revoked_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "invitation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connection" (
    "id" UUID NOT NULL,
    "owner_user_id" UUID,
    "owner_organization_id" UUID,
    "name" TEXT NOT NULL,
    "remote_url" TEXT NOT NULL,
    "auth_mode" "auth_mode" NOT NULL,
    "sharing_mode" "sharing_mode" NOT NULL DEFAULT 'single_user',
    "path_passthrough" BOOLEAN NOT NULL DEFAULT false,
    "auxiliary_headers" JSONB NOT NULL DEFAULT '[]',
    "static_header_names" TEXT[],
    "provider_issuer" TEXT,
    "provider_resource" TEXT,
    "provider_scopes" TEXT[],
    "provider_scopes_source" "provider_scopes_source",
    "provider_authorize_parameters" JSONB NOT NULL DEFAULT '{}',
    "version" INTEGER NOT NULL DEFAULT 1,
    "status" "connection_status" NOT NULL DEFAULT 'enabled',
    "deleted_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connect_resource" (
    "id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "route_key" TEXT NOT NULL,
    "retired_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connect_resource_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connection_secret" (
    "id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "kind" "connection_secret_kind" NOT NULL,
    "sealed" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connection_secret_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "assignment" (
    "id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "removed_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "assignment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connection_instance" (
    "id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "status" "instance_status" NOT NULL DEFAULT 'active',
    "upstream_account" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connection_instance_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "provider_client" (
    "id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "issuer" TEXT NOT NULL,
    "kind" "provider_client_kind" NOT NULL,
    "client_id" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(6),
    "retired_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provider_client_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "provider_grant" (
    "id" UUID NOT NULL,
    "instance_id" UUID NOT NULL,
    "provider_client_id" UUID NOT NULL,
    "sealed" TEXT NOT NULL,
    "scopes" TEXT[],
    "expires_at" TIMESTAMPTZ(6),
    "version" INTEGER NOT NULL DEFAULT 1,
    "issued_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ(6),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "revoked_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provider_grant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "oauth_client" (
    "id" UUID NOT NULL,
    "client_id" TEXT NOT NULL,
    "kind" "oauth_client_kind" NOT NULL,
    "name" TEXT,
    "redirect_uris" TEXT[],
    "grant_types" TEXT[],
    "response_types" TEXT[],
    "scopes" TEXT[],
    "token_endpoint_auth_method" TEXT NOT NULL,
    "application_type" TEXT,
    "client_uri" TEXT,
    "software_id" TEXT,
    "software_version" TEXT,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "secret_hash" TEXT,
    "registration_token_hash" TEXT,
    "document_digest" TEXT,
    "document_expires_at" TIMESTAMPTZ(6),
    "deleted_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "oauth_client_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "oauth_grant" (
    "id" UUID NOT NULL,
    "oauth_client_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "connect_resource_id" UUID NOT NULL,
    "instance_id" UUID NOT NULL,
    "redirect_uri" TEXT NOT NULL,
    "scopes" TEXT[],
    "execution_context" TEXT NOT NULL,
    "connection_version" INTEGER NOT NULL,
    "status" "grant_status" NOT NULL,
    "approved_at" TIMESTAMPTZ(6) NOT NULL,
    "activated_at" TIMESTAMPTZ(6),
    "last_used_at" TIMESTAMPTZ(6),
    "expires_at" TIMESTAMPTZ(6),
    "revoked_at" TIMESTAMPTZ(6),
    "revocation_reason" TEXT,
    "revoked_by" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "oauth_grant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "token_family" (
    "id" UUID NOT NULL,
    "grant_id" UUID NOT NULL,
    "label" TEXT NOT NULL,
    "user_agent" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(6),
    "revoked_at" TIMESTAMPTZ(6),
    "revocation_reason" TEXT,

    CONSTRAINT "token_family_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "refresh_token" (
    "id" UUID NOT NULL,
    "family_id" UUID NOT NULL,
    "generation" INTEGER NOT NULL,
    "token_hash" TEXT NOT NULL,
    "sealed_successor" TEXT,
    "rotated_at" TIMESTAMPTZ(6),
    "replays" INTEGER NOT NULL DEFAULT 0,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "revoked_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "refresh_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "authorization_request" (
    "id" UUID NOT NULL,
    "handle" TEXT NOT NULL,
    "oauth_client_id" UUID NOT NULL,
    "user_id" UUID,
    "connection_id" UUID,
    "connect_resource_id" UUID,
    "redirect_uri" TEXT NOT NULL,
    "registered_redirect_uri" TEXT NOT NULL,
    "scopes" TEXT[],
    "state" TEXT,
    "code_challenge" TEXT NOT NULL,
    "resource" TEXT,
    "prompt" TEXT,
    "browser_binding_hash" TEXT NOT NULL,
    "session_id" UUID,
    "client_digest" TEXT NOT NULL,
    "status" "authorization_request_status" NOT NULL DEFAULT 'pending',
    "grant_id" UUID,
    "user_agent" TEXT,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "decided_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "authorization_request_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "authorization_code" (
    "id" UUID NOT NULL,
    "code_hash" TEXT NOT NULL,
    "grant_id" UUID NOT NULL,
    "authorization_request_id" UUID NOT NULL,
    "redirect_uri" TEXT NOT NULL,
    "code_challenge" TEXT NOT NULL,
    "scopes" TEXT[],
    "failed_attempts" INTEGER NOT NULL DEFAULT 0,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "consumed_at" TIMESTAMPTZ(6),
    "revoked_at" TIMESTAMPTZ(6),
    "family_id" UUID,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "authorization_code_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pending_provider_authorization" (
    "id" UUID NOT NULL,
    "state_hash" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "instance_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "connection_version" INTEGER NOT NULL,
    "session_id" UUID,
    "browser_binding_hash" TEXT NOT NULL,
    "authorization_request_id" UUID,
    "grant_id" UUID,
    "status" "pending_provider_status" NOT NULL DEFAULT 'pending',
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "consumed_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pending_provider_authorization_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_event" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "outcome" "audit_outcome" NOT NULL DEFAULT 'success',
    "occurred_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor_user_id" UUID,
    "owner_user_id" UUID,
    "owner_organization_id" UUID,
    "connection_id" UUID,
    "connect_resource_id" UUID,
    "instance_id" UUID,
    "grant_id" UUID,
    "oauth_client_id" UUID,
    "detail" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "audit_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "grant_usage" (
    "grant_id" UUID NOT NULL,
    "hour" TIMESTAMPTZ(6) NOT NULL,
    "requests" INTEGER NOT NULL DEFAULT 0,
    "errors" INTEGER NOT NULL DEFAULT 0,
    "denials" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "grant_usage_pkey" PRIMARY KEY ("grant_id","hour")
);

-- CreateTable
CREATE TABLE "rate_limit" (
    "key" VARCHAR(255) NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "rate_limit_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "sign_in_attempt" (
    "id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "last_request" BIGINT NOT NULL,

    CONSTRAINT "sign_in_attempt_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE UNIQUE INDEX "session_token_key" ON "session"("token");

-- CreateIndex
CREATE INDEX "session_user_id_idx" ON "session"("user_id");

-- CreateIndex
CREATE INDEX "session_expires_at_idx" ON "session"("expires_at");

-- CreateIndex
CREATE INDEX "account_user_id_idx" ON "account"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "account_provider_id_account_id_key" ON "account"("provider_id", "account_id");

-- CreateIndex
CREATE INDEX "verification_identifier_idx" ON "verification"("identifier");

-- CreateIndex
CREATE INDEX "verification_expires_at_idx" ON "verification"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "api_key_hash_key" ON "api_key"("hash");

-- CreateIndex
CREATE INDEX "api_key_user_id_idx" ON "api_key"("user_id");

-- CreateIndex
CREATE INDEX "api_key_organization_id_idx" ON "api_key"("organization_id");

-- CreateIndex
CREATE INDEX "membership_user_id_idx" ON "membership"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "invitation_token_hash_key" ON "invitation"("token_hash");

-- CreateIndex
CREATE INDEX "invitation_organization_id_idx" ON "invitation"("organization_id");

-- CreateIndex
CREATE INDEX "invitation_email_idx" ON "invitation"("email");

-- CreateIndex
CREATE INDEX "connection_owner_user_id_deleted_at_idx" ON "connection"("owner_user_id", "deleted_at");

-- CreateIndex
CREATE INDEX "connection_owner_organization_id_deleted_at_idx" ON "connection"("owner_organization_id", "deleted_at");

-- CreateIndex
CREATE UNIQUE INDEX "connect_resource_route_key_key" ON "connect_resource"("route_key");

-- CreateIndex
CREATE INDEX "connect_resource_connection_id_idx" ON "connect_resource"("connection_id");

-- CreateIndex
CREATE UNIQUE INDEX "connection_secret_connection_id_kind_key" ON "connection_secret"("connection_id", "kind");

-- CreateIndex
CREATE INDEX "assignment_connection_id_idx" ON "assignment"("connection_id");

-- CreateIndex
CREATE INDEX "assignment_user_id_idx" ON "assignment"("user_id");

-- CreateIndex
CREATE INDEX "connection_instance_connection_id_idx" ON "connection_instance"("connection_id");

-- CreateIndex
CREATE INDEX "connection_instance_user_id_idx" ON "connection_instance"("user_id");

-- CreateIndex
CREATE INDEX "provider_client_connection_id_issuer_idx" ON "provider_client"("connection_id", "issuer");

-- CreateIndex
CREATE INDEX "provider_grant_instance_id_idx" ON "provider_grant"("instance_id");

-- CreateIndex
CREATE UNIQUE INDEX "oauth_client_client_id_key" ON "oauth_client"("client_id");

-- CreateIndex
CREATE UNIQUE INDEX "oauth_client_registration_token_hash_key" ON "oauth_client"("registration_token_hash");

-- CreateIndex
CREATE INDEX "oauth_client_kind_created_at_idx" ON "oauth_client"("kind", "created_at");

-- CreateIndex
CREATE INDEX "oauth_grant_user_id_status_approved_at_idx" ON "oauth_grant"("user_id", "status", "approved_at");

-- CreateIndex
CREATE INDEX "oauth_grant_oauth_client_id_status_idx" ON "oauth_grant"("oauth_client_id", "status");

-- CreateIndex
CREATE INDEX "oauth_grant_connection_id_status_idx" ON "oauth_grant"("connection_id", "status");

-- CreateIndex
CREATE INDEX "oauth_grant_connect_resource_id_status_idx" ON "oauth_grant"("connect_resource_id", "status");

-- CreateIndex
CREATE INDEX "oauth_grant_instance_id_status_idx" ON "oauth_grant"("instance_id", "status");

-- CreateIndex
CREATE INDEX "token_family_grant_id_idx" ON "token_family"("grant_id");

-- CreateIndex
CREATE UNIQUE INDEX "refresh_token_token_hash_key" ON "refresh_token"("token_hash");

-- CreateIndex
CREATE INDEX "refresh_token_rotated_at_idx" ON "refresh_token"("rotated_at");

-- CreateIndex
CREATE INDEX "refresh_token_expires_at_idx" ON "refresh_token"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "refresh_token_family_id_generation_key" ON "refresh_token"("family_id", "generation");

-- CreateIndex
CREATE UNIQUE INDEX "authorization_request_handle_key" ON "authorization_request"("handle");

-- CreateIndex
CREATE INDEX "authorization_request_oauth_client_id_idx" ON "authorization_request"("oauth_client_id");

-- CreateIndex
CREATE INDEX "authorization_request_user_id_idx" ON "authorization_request"("user_id");

-- CreateIndex
CREATE INDEX "authorization_request_connection_id_idx" ON "authorization_request"("connection_id");

-- CreateIndex
CREATE INDEX "authorization_request_connect_resource_id_idx" ON "authorization_request"("connect_resource_id");

-- CreateIndex
CREATE INDEX "authorization_request_grant_id_idx" ON "authorization_request"("grant_id");

-- CreateIndex
CREATE INDEX "authorization_request_status_expires_at_idx" ON "authorization_request"("status", "expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "authorization_code_code_hash_key" ON "authorization_code"("code_hash");

-- CreateIndex
CREATE INDEX "authorization_code_grant_id_idx" ON "authorization_code"("grant_id");

-- CreateIndex
CREATE INDEX "authorization_code_authorization_request_id_idx" ON "authorization_code"("authorization_request_id");

-- CreateIndex
CREATE INDEX "authorization_code_family_id_idx" ON "authorization_code"("family_id");

-- CreateIndex
CREATE INDEX "authorization_code_expires_at_idx" ON "authorization_code"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "pending_provider_authorization_state_hash_key" ON "pending_provider_authorization"("state_hash");

-- CreateIndex
CREATE INDEX "pending_provider_authorization_user_id_idx" ON "pending_provider_authorization"("user_id");

-- CreateIndex
CREATE INDEX "pending_provider_authorization_instance_id_idx" ON "pending_provider_authorization"("instance_id");

-- CreateIndex
CREATE INDEX "pending_provider_authorization_connection_id_idx" ON "pending_provider_authorization"("connection_id");

-- CreateIndex
CREATE INDEX "pending_provider_authorization_authorization_request_id_idx" ON "pending_provider_authorization"("authorization_request_id");

-- CreateIndex
CREATE INDEX "pending_provider_authorization_grant_id_idx" ON "pending_provider_authorization"("grant_id");

-- CreateIndex
CREATE INDEX "pending_provider_authorization_status_expires_at_idx" ON "pending_provider_authorization"("status", "expires_at");

-- CreateIndex
CREATE INDEX "audit_event_owner_user_id_occurred_at_idx" ON "audit_event"("owner_user_id", "occurred_at");

-- CreateIndex
CREATE INDEX "audit_event_owner_organization_id_occurred_at_idx" ON "audit_event"("owner_organization_id", "occurred_at");

-- CreateIndex
CREATE INDEX "audit_event_actor_user_id_occurred_at_idx" ON "audit_event"("actor_user_id", "occurred_at");

-- CreateIndex
CREATE INDEX "audit_event_grant_id_idx" ON "audit_event"("grant_id");

-- CreateIndex
CREATE INDEX "audit_event_connection_id_occurred_at_idx" ON "audit_event"("connection_id", "occurred_at");

-- CreateIndex
CREATE INDEX "audit_event_occurred_at_idx" ON "audit_event"("occurred_at");

-- CreateIndex
CREATE INDEX "rate_limit_expire_idx" ON "rate_limit"("expire");

-- CreateIndex
CREATE UNIQUE INDEX "sign_in_attempt_key_key" ON "sign_in_attempt"("key");

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account" ADD CONSTRAINT "account_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_invited_by_id_fkey" FOREIGN KEY ("invited_by_id") REFERENCES "user"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection" ADD CONSTRAINT "connection_owner_user_id_fkey" FOREIGN KEY ("owner_user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection" ADD CONSTRAINT "connection_owner_organization_id_fkey" FOREIGN KEY ("owner_organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connect_resource" ADD CONSTRAINT "connect_resource_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection_secret" ADD CONSTRAINT "connection_secret_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "assignment" ADD CONSTRAINT "assignment_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "assignment" ADD CONSTRAINT "assignment_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection_instance" ADD CONSTRAINT "connection_instance_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection_instance" ADD CONSTRAINT "connection_instance_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "provider_client" ADD CONSTRAINT "provider_client_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "provider_grant" ADD CONSTRAINT "provider_grant_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "connection_instance"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "provider_grant" ADD CONSTRAINT "provider_grant_provider_client_id_fkey" FOREIGN KEY ("provider_client_id") REFERENCES "provider_client"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_grant" ADD CONSTRAINT "oauth_grant_oauth_client_id_fkey" FOREIGN KEY ("oauth_client_id") REFERENCES "oauth_client"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_grant" ADD CONSTRAINT "oauth_grant_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_grant" ADD CONSTRAINT "oauth_grant_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_grant" ADD CONSTRAINT "oauth_grant_connect_resource_id_fkey" FOREIGN KEY ("connect_resource_id") REFERENCES "connect_resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_grant" ADD CONSTRAINT "oauth_grant_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "connection_instance"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "token_family" ADD CONSTRAINT "token_family_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "oauth_grant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refresh_token" ADD CONSTRAINT "refresh_token_family_id_fkey" FOREIGN KEY ("family_id") REFERENCES "token_family"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "authorization_request" ADD CONSTRAINT "authorization_request_oauth_client_id_fkey" FOREIGN KEY ("oauth_client_id") REFERENCES "oauth_client"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "authorization_request" ADD CONSTRAINT "authorization_request_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "authorization_request" ADD CONSTRAINT "authorization_request_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "authorization_request" ADD CONSTRAINT "authorization_request_connect_resource_id_fkey" FOREIGN KEY ("connect_resource_id") REFERENCES "connect_resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "authorization_request" ADD CONSTRAINT "authorization_request_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "oauth_grant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "authorization_code" ADD CONSTRAINT "authorization_code_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "oauth_grant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "authorization_code" ADD CONSTRAINT "authorization_code_authorization_request_id_fkey" FOREIGN KEY ("authorization_request_id") REFERENCES "authorization_request"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "authorization_code" ADD CONSTRAINT "authorization_code_family_id_fkey" FOREIGN KEY ("family_id") REFERENCES "token_family"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pending_provider_authorization" ADD CONSTRAINT "pending_provider_authorization_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pending_provider_authorization" ADD CONSTRAINT "pending_provider_authorization_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "connection_instance"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pending_provider_authorization" ADD CONSTRAINT "pending_provider_authorization_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pending_provider_authorization" ADD CONSTRAINT "pending_provider_authorization_authorization_request_id_fkey" FOREIGN KEY ("authorization_request_id") REFERENCES "authorization_request"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pending_provider_authorization" ADD CONSTRAINT "pending_provider_authorization_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "oauth_grant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grant_usage" ADD CONSTRAINT "grant_usage_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "oauth_grant"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- What Prisma's schema cannot say -------------------------------------------------------------------------------------

-- One live thing at a time
CREATE UNIQUE INDEX "membership_live" ON "membership" ("organization_id", "user_id") WHERE "removed_at" IS NULL;
CREATE UNIQUE INDEX "connect_resource_live" ON "connect_resource" ("connection_id") WHERE "retired_at" IS NULL;
CREATE UNIQUE INDEX "assignment_live" ON "assignment" ("connection_id", "user_id") WHERE "removed_at" IS NULL;
CREATE UNIQUE INDEX "connection_instance_live" ON "connection_instance" ("connection_id", "user_id") WHERE "status" IN ('active', 'needs_reauth');
CREATE UNIQUE INDEX "provider_grant_live" ON "provider_grant" ("instance_id") WHERE "revoked_at" IS NULL;
CREATE UNIQUE INDEX "oauth_grant_active_binding" ON "oauth_grant" ("oauth_client_id", "user_id", "connect_resource_id", "redirect_uri") WHERE "status" = 'active';
CREATE UNIQUE INDEX "refresh_token_live" ON "refresh_token" ("family_id") WHERE "rotated_at" IS NULL AND "revoked_at" IS NULL;
CREATE UNIQUE INDEX "audit_event_one_revocation" ON "audit_event" ("grant_id") WHERE "kind" = 'grant.revoked';
-- One family per code: a code yields at most one
CREATE UNIQUE INDEX "authorization_code_family" ON "authorization_code" ("family_id") WHERE "family_id" IS NOT NULL;

-- What is never true
ALTER TABLE "connection" ADD CONSTRAINT "connection_one_owner" CHECK (num_nonnulls("owner_user_id", "owner_organization_id") = 1);
ALTER TABLE "connection" ADD CONSTRAINT "connection_personal_is_single_user" CHECK ("owner_user_id" IS NULL OR "sharing_mode" = 'single_user');
ALTER TABLE "connection" ADD CONSTRAINT "connection_version_positive" CHECK ("version" > 0);
ALTER TABLE "provider_grant" ADD CONSTRAINT "provider_grant_version_positive" CHECK ("version" > 0);
ALTER TABLE "oauth_grant" ADD CONSTRAINT "oauth_grant_revoked_has_when" CHECK (("status" = 'revoked') = ("revoked_at" IS NOT NULL));
ALTER TABLE "oauth_grant" ADD CONSTRAINT "oauth_grant_revoked_has_why" CHECK (("status" = 'revoked') = ("revocation_reason" IS NOT NULL));
ALTER TABLE "oauth_grant" ADD CONSTRAINT "oauth_grant_active_has_when" CHECK ("status" <> 'active' OR "activated_at" IS NOT NULL);
ALTER TABLE "oauth_grant" ADD CONSTRAINT "oauth_grant_context" CHECK ("execution_context" = 'personal' OR "execution_context" LIKE 'organization:%');
ALTER TABLE "token_family" ADD CONSTRAINT "token_family_revoked_has_why" CHECK (("revoked_at" IS NULL) = ("revocation_reason" IS NULL));
ALTER TABLE "authorization_code" ADD CONSTRAINT "authorization_code_consumed_has_family" CHECK ("consumed_at" IS NULL OR "family_id" IS NOT NULL);

-- Sweeps read only what is still open
CREATE INDEX "oauth_grant_expiring" ON "oauth_grant" ("expires_at") WHERE "status" <> 'revoked' AND "expires_at" IS NOT NULL;
CREATE INDEX "oauth_grant_idle" ON "oauth_grant" (COALESCE("last_used_at", "approved_at")) WHERE "status" <> 'revoked';

-- The record is append-only in what it tells: no event is ever rewritten
CREATE FUNCTION "audit_event_is_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit events are never changed';
END $$;
CREATE TRIGGER "audit_event_append_only" BEFORE UPDATE ON "audit_event" FOR EACH ROW EXECUTE FUNCTION "audit_event_is_append_only"();
