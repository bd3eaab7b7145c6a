#pragma once

// What SQLite's driver has of its own for words: FTS5's expressions, and a function that looks at a
// row without the index (sqlite.org, "SQLite FTS5 Extension" and "Application-Defined SQL
// Functions").
//
// Thread-safe: no state.

#include <span>
#include <string>

struct sqlite3;

namespace merlon::evidence {

// "\"pass\"* \"reset\"*": words that begin so, all of them.
std::string sqlite_search_value(std::span<const std::string> words);

// has_words(VALUE, TITLE, RULE, PATH) for the connection; SQLite's result code.
int add_has_words(sqlite3* database);

}  // namespace merlon::evidence
