#pragma once

// What SQLite's driver has of its own for words: FTS5's expressions, and a function that looks at a
// row without the index (sqlite.org, "SQLite FTS5 Extension" and "Application-Defined SQL
// Functions").
//
// Thread-safe: no state.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;

namespace merlon::evidence {

// The words of the index that begin with `word`; nothing where there are more than a few.
using BeginningWords = std::optional<std::vector<std::string>>;
// "(\"pass\" OR \"password\") AND \"reset\"*": a word by those that begin so, or by its beginning,
// for which FTS5 gathers all of their rows before it gives the first.
std::string sqlite_search_value(
    std::span<const std::string> words,
    const std::function<BeginningWords(std::string_view word)>& beginning_with);

// has_words(VALUE, TITLE, RULE, PATH) for the connection; SQLite's result code.
int add_has_words(sqlite3* database);

}  // namespace merlon::evidence
