-- What the stream itself last told of a finding's severity, and why it does not count: the finding's row
-- shows that of one stream, and a branch may say otherwise. -1: not told since this column is there, so
-- that it is as the finding's row shows it.
ALTER TABLE presence ADD COLUMN severity {integer} NOT NULL DEFAULT -1;
ALTER TABLE presence ADD COLUMN suppressed {text} NOT NULL DEFAULT '';

-- An event binds the edges that its document has brought.
CREATE INDEX edge_document ON edge (document);

-- 1: the run was taken for complete, and neither the report nor who imported it said so.
ALTER TABLE analysis ADD COLUMN assumed {integer} NOT NULL DEFAULT 0;
