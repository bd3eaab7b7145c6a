#pragma once

// What PostgreSQL's driver has of its own for words: a table of tsvectors under the findings'
// places (evidence/word_place.h) with a GIN index (PostgreSQL's manual, "GIN Indexes", "Text Search
// Types").
//
// The idea: GIN has no order, and gathers all rows of a beginning of words before it gives one. So
// it is asked for words that few findings have, and others are looked for in the rows that are
// found, or along the order of places. How many have a word is what the server's statistics say
// (pg_stats, "most_common_elems"): those of texts are kept for the thousand most common words.
//
// Thread-safe: no state.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "evidence/database.h"

namespace merlon::evidence {

// "{words of findings}".
inline constexpr std::string_view kPostgresWords =
    "CREATE TABLE finding_text (place BIGINT PRIMARY KEY, words TSVECTOR NOT NULL); "
    "CREATE INDEX finding_text_words ON finding_text USING gin (words)";
// "{words by places}".
inline constexpr std::string_view kPostgresWordsByPlaces =
    "DROP TABLE finding_text; "
    "CREATE TABLE finding_text (place BIGINT PRIMARY KEY, words TSVECTOR NOT NULL); "
    "CREATE INDEX finding_text_words ON finding_text USING gin (words);";

// Words with a space between each two as the server takes a tsvector in binary form: their count in
// four bytes, and each with a NUL and the count of its places behind it, in order and once
// (tsvectorrecv). So none is parsed there, and nothing is staged.
std::string tsvector_bytes(std::string_view words);

// A query that is true of a row with all of these words.
std::string tsquery_of(std::span<const std::string> words);

// Parts of which the one is asked of the index and the other of what that gives.
Result<WordSearch> postgres_word_search(Database& database, std::span<const std::string> words);
std::string postgres_search_query(std::string_view parameter);
std::string postgres_search_condition(std::string_view parameter);
std::string postgres_walk_query(std::string_view parameter, std::string_view behind,
                                std::int64_t most);

}  // namespace merlon::evidence
