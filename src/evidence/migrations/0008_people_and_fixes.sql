-- A decision that waits for a second person stands for nothing: its row is never current. `proposal`: 0 it
-- is a decision, 1 it waits, 2 it was approved (and another row is the decision), 3 it was refused.
ALTER TABLE decision ADD COLUMN proposal {integer} NOT NULL DEFAULT 0;
CREATE INDEX decision_waiting ON decision (event) WHERE proposal = 1;

-- 1: the decision ends for a finding when a version with the fix is known, or with its time.
ALTER TABLE decision ADD COLUMN until_fix {integer} NOT NULL DEFAULT 0;
CREATE INDEX decision_until_fix ON decision (id) WHERE until_fix = 1;
-- Those that ended so, of one finding each; `event` is the audit log's row that says so.
CREATE TABLE fix_found (
  decision {integer} NOT NULL,
  finding {integer} NOT NULL,
  event {integer} NOT NULL,
  PRIMARY KEY (decision, finding)
) {clustered};

-- The weakness that a rule looks for ("CWE-79"), by which findings of several tools are one group.
ALTER TABLE rule ADD COLUMN cwe {text} NOT NULL DEFAULT '';

-- The analyses of a stream, of one commit.
CREATE INDEX analysis_stream ON analysis (stream);
