-- Work that waits, runs or has run. Times are milliseconds since 1970. State: 0 waiting, 1 running,
-- 2 done, 3 failed, 4 cancelled, 5 superseded by a later one of the same key. `turn` is fair between
-- scopes; `lease` counts how often the job was taken, and only who has the last one may end it.
CREATE TABLE job (
  id {key},
  kind {text} NOT NULL,
  lane {text} NOT NULL,
  scope {text} NOT NULL,
  key {text} NOT NULL,
  priority {integer} NOT NULL,
  turn {integer} NOT NULL,
  state {integer} NOT NULL,
  payload {text} NOT NULL,
  author {text} NOT NULL,
  created_ms {integer} NOT NULL,
  ready_ms {integer} NOT NULL,
  started_ms {integer} NOT NULL,
  ended_ms {integer} NOT NULL,
  attempts {integer} NOT NULL,
  max_attempts {integer} NOT NULL,
  worker {text} NOT NULL,
  lease {integer} NOT NULL,
  lease_until_ms {integer} NOT NULL,
  cancel_asked {integer} NOT NULL,
  outcome {text} NOT NULL
) {strict};
CREATE UNIQUE INDEX job_waiting_key ON job (key) WHERE state = 0 AND key <> '';
CREATE INDEX job_waiting ON job (lane, priority DESC, turn, id) WHERE state = 0;
CREATE INDEX job_running ON job (lease_until_ms) WHERE state = 1;
CREATE INDEX job_key ON job (key) WHERE key <> '';
CREATE INDEX job_begun ON job (lane, turn) WHERE state > 0;
CREATE INDEX job_scope ON job (lane, scope, turn);

-- What a job works on, packed with zstd; gone when the job is done.
CREATE TABLE job_input (job {key}, size {integer} NOT NULL, packed {bytes} NOT NULL) {strict};

-- Who is told of events. `secret` says where the workers find the key, which is not in the store.
CREATE TABLE webhook (
  id {key},
  name {text} NOT NULL UNIQUE,
  url {text} NOT NULL,
  events {text} NOT NULL,
  secret {text} NOT NULL,
  created {integer} NOT NULL
) {strict};

-- What a webhook is told, written with the event. Delivered once `delivered_ms` is above 0.
CREATE TABLE outbox (
  id {key},
  webhook {integer} NOT NULL,
  event {integer} NOT NULL,
  created_ms {integer} NOT NULL,
  delivered_ms {integer} NOT NULL,
  attempts {integer} NOT NULL,
  answer {text} NOT NULL
) {strict};
CREATE INDEX outbox_waiting ON outbox (webhook, id) WHERE delivered_ms = 0;

-- What a finding was until it changed: nothing for one that never did. Written by a trigger, so that
-- no statement forgets it; of several changes in one second, what was before the first.
CREATE TABLE finding_past (
  finding {integer} NOT NULL,
  until {integer} NOT NULL,
  stream {integer} NOT NULL,
  rule {text} NOT NULL,
  severity {integer} NOT NULL,
  risk {integer} NOT NULL,
  detection {integer} NOT NULL,
  suppressed {text} NOT NULL,
  open {integer} NOT NULL,
  path {integer} NOT NULL,
  line {integer} NOT NULL,
  title {text} NOT NULL,
  owner {text} NOT NULL,
  changed {integer} NOT NULL,
  decision {integer} NOT NULL,
  verdict {integer} NOT NULL,
  expires {integer} NOT NULL,
  package {text} NOT NULL,
  PRIMARY KEY (finding, until)
) {clustered};
CREATE TABLE presence_past (
  finding {integer} NOT NULL,
  stream {integer} NOT NULL,
  until {integer} NOT NULL,
  state {integer} NOT NULL,
  since_analysis {integer} NOT NULL,
  PRIMARY KEY (finding, stream, until)
) {clustered};
{finding history}
{presence history}

-- What changed before was not kept: history is known from the last event until now on.
INSERT INTO meta (name, value) SELECT 'history_since', CAST(e.last / 1000 AS TEXT)
  FROM (SELECT max(at_ms) AS last FROM event) e WHERE e.last IS NOT NULL;
