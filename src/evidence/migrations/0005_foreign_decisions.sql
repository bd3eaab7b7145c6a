-- A decision may be of one version of its package, and may come from elsewhere: `origin` says from where
-- in words ('' for what was decided here). A version is the least of what makes a target narrow.
ALTER TABLE decision ADD COLUMN version {text} NOT NULL DEFAULT '';
ALTER TABLE decision ADD COLUMN origin {text} NOT NULL DEFAULT '';
UPDATE decision SET weight = weight * 2;

-- The version of the package that a finding is about, as decisions name it.
ALTER TABLE finding ADD COLUMN version {text} NOT NULL DEFAULT '';

-- Findings about packages are told anew by the next report, and then have their version.
UPDATE presence SET print = {no_bytes}
  WHERE finding IN (SELECT finding FROM signature WHERE algorithm = 3);

-- "component:NAME", as the tool calls the package: other tools' decisions know no package URL.
ALTER TABLE finding ADD COLUMN component {text} NOT NULL DEFAULT '';
