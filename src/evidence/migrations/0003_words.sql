-- The words of titles, rules and paths, by which findings are looked for. Derived from the findings'
-- rows, which the program fills it from.
{words of findings};

-- What the stream's presences are in one hash, as its last event says; '' where it says nothing yet.
ALTER TABLE stream ADD COLUMN state {text} NOT NULL DEFAULT '';
