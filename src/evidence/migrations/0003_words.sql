-- The words of titles, rules and paths, by which findings are looked for. Derived from the findings'
-- rows, which the program fills it from.
{words of findings};
