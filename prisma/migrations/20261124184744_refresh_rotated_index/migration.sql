-- What is rotated and still sealed has an index of its own (refresh_token_sealed); nothing else looks for the time, and every refresh wrote it twice.
-- DropIndex
DROP INDEX "refresh_token_rotated_at_idx";
