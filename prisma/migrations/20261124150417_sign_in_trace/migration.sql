-- CreateTable
CREATE TABLE "sign_in_trace" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "step" TEXT NOT NULL,
    "problem" TEXT,
    "what" TEXT,
    "expected" TEXT,
    "got" TEXT,
    "connection_id" UUID,
    "client_id" TEXT,
    "source" TEXT NOT NULL,
    "user_agent" TEXT,

    CONSTRAINT "sign_in_trace_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "sign_in_trace_connection_id_at_idx" ON "sign_in_trace"("connection_id", "at");

-- CreateIndex
CREATE INDEX "sign_in_trace_client_id_at_idx" ON "sign_in_trace"("client_id", "at");

-- CreateIndex
CREATE INDEX "sign_in_trace_source_at_idx" ON "sign_in_trace"("source", "at");

-- CreateIndex
CREATE INDEX "sign_in_trace_at_idx" ON "sign_in_trace"("at");
