-- When the latest report of the stream was made, as its tool says; 0 where none has said so. One that was
-- made before closes nothing.
ALTER TABLE stream ADD COLUMN ended {integer} NOT NULL DEFAULT 0;
