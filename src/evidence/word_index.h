#pragma once

// Keeps the index of words (evidence/words.h) what the findings' rows say.
//
// The idea: words are added with a finding, and changed where its title, rule, place or risk has;
// so they are written in the transaction that does so, and derived from the row alone, which makes
// what was once put in known for ever.
//
// Not thread-safe; within a transaction. Cost: some microseconds for each finding that is new or
// told differently.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/database.h"

namespace merlon::evidence {

struct FindingWords {
    std::int64_t finding = 0;
    std::string words;
    std::int64_t risk = 0;
};

Status add_words(Database& database, std::vector<FindingWords> added);
Status remove_words(Database& database, std::vector<FindingWords> gone);

// Of every finding, into an index that is empty.
Status index_all_words(Database& database);

// Where the index has an order: of every finding, into one that was made empty for that
// (0007_snapshots.sql).
Status order_words(Database& database);

// Where it has none: of every finding, into one that was made empty for their places
// (0010_places.sql).
Status place_words(Database& database);

// An index that does not have the words of the findings is a problem. Reads all of both.
Status check_words(Database& database, const std::function<void(std::string_view problem)>& use);

}  // namespace merlon::evidence
