-- What a tool told of a finding is packed (evidence/detail.h): most of a store is these texts.
ALTER TABLE finding_detail RENAME TO finding_told;
CREATE TABLE finding_detail (
  finding {key} {refers to finding},
  body {bytes} NOT NULL
) {strict};
{narrow columns}
