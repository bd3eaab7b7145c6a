-- What software is made of and where it went: repositories, commits, artifacts, images, packages,
-- deployments. A node is a kind and a name; everything else is an edge, and each edge is evidence: the
-- document that says so, who collected it, the analysis (0: none), when it was taken in, from when and
-- until when it holds (0: not said), and how sure it is. Edges lead from source code to where it runs.
CREATE TABLE node (
  id {key},
  kind {text} NOT NULL,
  name {text} NOT NULL,
  UNIQUE (kind, name)
) {strict};

CREATE TABLE edge (
  source {integer} NOT NULL REFERENCES node (id),
  relation {text} NOT NULL,
  target {integer} NOT NULL REFERENCES node (id),
  document {integer} NOT NULL REFERENCES document (id),
  collector {text} NOT NULL,
  analysis {integer} NOT NULL,
  observed {integer} NOT NULL,
  valid_from {integer} NOT NULL,
  valid_until {integer} NOT NULL,
  confidence {integer} NOT NULL,
  PRIMARY KEY (source, relation, target, document)
) {clustered};
CREATE INDEX edge_target ON edge (target);

-- The latest bill of materials of each artifact, which is matched anew when advisories change.
CREATE TABLE bill (
  scope {text} NOT NULL,
  ref {text} NOT NULL,
  artifact {text} NOT NULL,
  document {integer} NOT NULL REFERENCES document (id),
  revision {text} NOT NULL,
  received {integer} NOT NULL,
  PRIMARY KEY (scope, ref, artifact)
) {clustered};
