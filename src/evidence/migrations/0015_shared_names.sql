-- A name may be that of several families of one tool: a CVE that two advisories are about.
CREATE TABLE rule_named (
  tool {text} NOT NULL,
  name {text} NOT NULL,
  family {integer} NOT NULL REFERENCES family (id),
  title {text} NOT NULL,
  severity {integer} NOT NULL,
  help_url {text} NOT NULL,
  cwe {text} NOT NULL DEFAULT '',
  PRIMARY KEY (tool, name, family)
) {clustered};
INSERT INTO rule_named (tool, name, family, title, severity, help_url, cwe)
  SELECT tool, name, family, title, severity, help_url, cwe FROM rule;
DROP TABLE rule;
ALTER TABLE rule_named RENAME TO rule;
CREATE INDEX rule_family ON rule (family);
CREATE INDEX rule_name ON rule (name);
