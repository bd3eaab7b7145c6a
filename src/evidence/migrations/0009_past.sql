-- An import's event binds what it has put into the past, which is looked up by its second.
CREATE INDEX finding_past_until ON finding_past (until);
CREATE INDEX presence_past_until ON presence_past (until);

-- Words are the same in any case now, outside of ASCII too: they are put in anew.
DROP TABLE finding_text;
{words of findings};
