-- Who has said what about findings. A target names a finding, or any of repository, tool, rule and
-- package ('' where it does not say); `weight` is how narrow it is. Rows stay as they were written but
-- for `current`: 0 once a later one has the same target. `event` is the audit log's row of the deed.
CREATE TABLE decision (
  id {key},
  event {integer} NOT NULL REFERENCES event (seq),
  finding {integer} NOT NULL,
  scope {text} NOT NULL,
  tool {text} NOT NULL,
  rule {text} NOT NULL,
  package {text} NOT NULL,
  weight {integer} NOT NULL,
  verdict {integer} NOT NULL,
  justification {integer} NOT NULL,
  reason {text} NOT NULL,
  author {text} NOT NULL,
  approved_by {text} NOT NULL,
  made {integer} NOT NULL,
  expires {integer} NOT NULL,
  signature {bytes} NOT NULL,
  current {integer} NOT NULL
) {strict};
CREATE INDEX decision_finding ON decision (finding);
CREATE INDEX decision_rule ON decision (rule, package) WHERE finding = 0;
CREATE INDEX decision_package ON decision (package) WHERE finding = 0 AND rule = '';

-- The decision that stands for a finding, what it says and until when (0: none). Derived, as `open` is.
ALTER TABLE finding ADD COLUMN decision {integer} NOT NULL DEFAULT 0;
ALTER TABLE finding ADD COLUMN verdict {integer} NOT NULL DEFAULT 0;
ALTER TABLE finding ADD COLUMN expires {integer} NOT NULL DEFAULT 0;
-- The package URL without its version, of findings about packages.
ALTER TABLE finding ADD COLUMN package {text} NOT NULL DEFAULT '';
CREATE INDEX finding_expires ON finding (expires) WHERE expires > 0;
CREATE INDEX finding_package ON finding (package) WHERE package <> '';
CREATE INDEX rule_family ON rule (family);
CREATE INDEX rule_name ON rule (name);

-- Findings about packages that are there already are told anew by the next report, and then have
-- their package: no print is empty.
UPDATE presence SET print = {no_bytes}
  WHERE finding IN (SELECT finding FROM signature WHERE algorithm = 3);

-- Signed statements of the audit log's size and root (c2sp.org/tlog-checkpoint), as they were given out.
CREATE TABLE checkpoint (
  size {key},
  note {text} NOT NULL
) {strict};
