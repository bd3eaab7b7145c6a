-- What holds for each table: times are seconds since 1970 in UTC unless the name says otherwise;
-- numbers of rows are given out by `sequence`, so that several databases count alike. Where millions of
-- rows refer to others ({refers to …}), a database that looks them up one by one leaves that to its check.

CREATE TABLE sequence (name {text} NOT NULL PRIMARY KEY, next {integer} NOT NULL) {clustered};

-- What was imported, byte for byte, by its SHA-256. Packed with zstd. It stands in the store itself,
-- so that one transaction holds everything and the rest can be made anew from it.
CREATE TABLE document (
  id {key},
  digest {bytes} NOT NULL UNIQUE,
  kind {text} NOT NULL,
  name {text} NOT NULL,
  size {integer} NOT NULL,
  received {integer} NOT NULL,
  packed {bytes} NOT NULL
) {strict};

-- What is looked at: a repository, an image. Findings have their identity inside of one.
CREATE TABLE scope (
  id {key},
  name {text} NOT NULL UNIQUE,
  default_ref {text} NOT NULL
) {strict};

CREATE TABLE path (
  id {key},
  scope {integer} NOT NULL REFERENCES scope (id),
  name {text} NOT NULL,
  UNIQUE (scope, name)
) {strict};

-- A rule under all the names that its tool has given it: identity survives a new name.
CREATE TABLE family (
  id {key},
  tool {text} NOT NULL,
  name {text} NOT NULL
) {strict};

CREATE TABLE rule (
  tool {text} NOT NULL,
  name {text} NOT NULL,
  family {integer} NOT NULL REFERENCES family (id),
  title {text} NOT NULL,
  severity {integer} NOT NULL,
  help_url {text} NOT NULL,
  PRIMARY KEY (tool, name)
) {clustered};

-- The key of analyses: only a complete analysis of the same stream says that something is gone.
-- `configuration` is that of the last complete one.
CREATE TABLE stream (
  id {key},
  scope {integer} NOT NULL REFERENCES scope (id),
  tool {text} NOT NULL,
  category {text} NOT NULL,
  below {text} NOT NULL,
  ref {text} NOT NULL,
  configuration {text} NOT NULL,
  last_analysis {integer},
  UNIQUE (scope, tool, category, below, ref)
) {strict};

CREATE TABLE analysis (
  id {key},
  document {integer} NOT NULL REFERENCES document (id),
  run {integer} NOT NULL,
  stream {integer} NOT NULL REFERENCES stream (id),
  tool_version {text} NOT NULL,
  program {text} NOT NULL,
  configuration {text} NOT NULL,
  revision {text} NOT NULL,
  complete {integer} NOT NULL,
  incomplete_because {text} NOT NULL,
  received {integer} NOT NULL,
  found {integer} NOT NULL
) {strict};
CREATE INDEX analysis_document ON analysis (document);

-- One fact under one identity. Detection (0 present, 1 unknown, 2 absent) is derived from presence;
-- `open` and `risk` are derived, too, and stored for the indices that pages are read from.
CREATE TABLE finding (
  id {key},
  scope {integer} NOT NULL {refers to scope},
  family {integer} NOT NULL {refers to family},
  stream {integer} NOT NULL {refers to stream},
  rule {text} NOT NULL,
  severity {integer} NOT NULL,
  risk {integer} NOT NULL,
  detection {integer} NOT NULL,
  suppressed {text} NOT NULL,
  open {integer} NOT NULL,
  path {integer} NOT NULL {refers to path},
  line {integer} NOT NULL,
  title {text} NOT NULL,
  owner {text} NOT NULL,
  first_seen {integer} NOT NULL,
  changed {integer} NOT NULL,
  first_analysis {integer} NOT NULL {refers to analysis},
  maybe_moved_from {integer}
) {strict};
CREATE INDEX finding_order ON finding (open, risk, id);
CREATE INDEX finding_risk ON finding (risk, id);
CREATE INDEX finding_scope ON finding (scope, open, risk, id);
CREATE INDEX finding_path ON finding (path);
CREATE INDEX finding_family ON finding (family);

-- The whole of a finding as its tool last told it, as in our JSON report: apart, so that pages read
-- short rows.
CREATE TABLE finding_detail (
  finding {key} {refers to finding},
  body {text} NOT NULL
) {strict};

-- Where a finding is seen, for each stream: 0 present, 1 absent, 2 unknown because the run was
-- incomplete, 3 unknown because it was configured differently. A row is written when something
-- changes and not when it is seen once more. `print` is of everything that the tool said.
CREATE TABLE presence (
  finding {integer} NOT NULL {refers to finding},
  stream {integer} NOT NULL {refers to stream},
  state {integer} NOT NULL,
  path {integer} NOT NULL {refers to path},
  line {integer} NOT NULL,
  position {integer} NOT NULL,
  print {bytes} NOT NULL,
  signatures {bytes} NOT NULL,
  first_analysis {integer} NOT NULL {refers to analysis},
  since_analysis {integer} NOT NULL {refers to analysis},
  PRIMARY KEY (finding, stream)
) {clustered};
CREATE INDEX presence_print ON presence (stream, print);

-- By what a finding is known again: of each presence, the signatures that it now has. Clustered, so
-- that one import stays in one range.
CREATE TABLE signature (
  scope {integer} NOT NULL,
  algorithm {integer} NOT NULL,
  value {bytes} NOT NULL,
  finding {integer} NOT NULL,
  PRIMARY KEY (scope, algorithm, value, finding)
) {clustered};

-- How many findings there are; kept in the transaction that changes them, so that no page counts.
CREATE TABLE counter (
  scope {integer} NOT NULL,
  severity {integer} NOT NULL,
  open {integer} NOT NULL,
  n {integer} NOT NULL,
  PRIMARY KEY (scope, severity, open)
) {clustered};

-- The audit log: `hash` is SHA-256 over the hash before and this row. Rows are never changed.
CREATE TABLE event (
  seq {key},
  at_ms {integer} NOT NULL,
  actor {text} NOT NULL,
  kind {text} NOT NULL,
  body {text} NOT NULL,
  before {bytes} NOT NULL,
  hash {bytes} NOT NULL UNIQUE
) {strict};
