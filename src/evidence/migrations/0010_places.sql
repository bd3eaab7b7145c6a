-- Pages of a rule in their order.
DROP INDEX finding_family;
CREATE INDEX finding_family ON finding (family, risk, id);

-- The index of words has the places of findings where it had their numbers, and is filled anew.
{words by places}
