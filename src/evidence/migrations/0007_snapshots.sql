-- How many findings there were of what became of them on a day (its beginning, UTC), for each scope and
-- severity: state 0 open at its end, 1 new, 2 reopened, 3 fixed, 4 decided. Rows are never changed, and
-- what is 0 has none: which days were taken stands in `meta` (snapshots_from, snapshots_until).
CREATE TABLE snapshot (
  day {integer} NOT NULL,
  scope {integer} NOT NULL,
  severity {integer} NOT NULL,
  state {integer} NOT NULL,
  n {integer} NOT NULL,
  PRIMARY KEY (day, scope, severity, state)
) {clustered};

-- A stream's presences are read as a whole by each import, and pages of words in their order.
{presences in one index}
{words in the order of pages}
{history by statement}
{paths without look-ups}
