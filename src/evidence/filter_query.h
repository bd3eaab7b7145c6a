#pragma once

// A filter as the condition of a query over `finding f`.
//
// The idea: each term is one condition that an index can serve; values are parameters and never
// part of the text. Globs are decided here, on the names of the paths that their beginning leaves,
// and become a set of numbers in a temporary table: no database has our globs. Words apart from
// the other terms: with an index of words there are two ways to a page (evidence/findings.cpp).
//
// Not thread-safe: the connection belongs to one thread. Ownership: the query owns its values.

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "evidence/database.h"
#include "evidence/filter.h"
#include "evidence/history.h"

namespace merlon::evidence {

class FilterQuery {
  public:
    // Takes a value and returns its name in the text, "$3".
    std::string bind(std::int64_t number);
    std::string bind(std::string text);

    void require(const std::string& condition);
    // A part of what words have to be there: a query of the numbers (`finding`) of the findings
    // that have them, and what it asks, as a condition of a row.
    void search(const std::string& query, const std::string& condition);
    // The same of words alone: the query is the index's own, with `place`; `in_row` is the
    // parameter that the condition has.
    struct Words {
        std::string query, condition, in_row;
        bool are_common = false;  // as in WordSearch
    };
    void search_words(Words words);

    // Another index has the few findings that are left than the one that has them in order.
    void name_few() { names_few_ = true; }
    bool names_few() const { return names_few_; }

    // Only findings with a risk in one of these ranges fit: from the first to below the second.
    using RiskRange = std::pair<std::int64_t, std::int64_t>;
    void require_risks(std::vector<RiskRange> ranges) { risks_.push_back(std::move(ranges)); }
    // Whether one with this risk may fit, or with a lower one; whether all that do are below.
    bool may_have(std::int64_t risk) const;
    bool may_have_below(std::int64_t risk) const;
    bool has_only_below(std::int64_t risk) const;

    // "true" where everything fits. Without the words that have to be there.
    std::string condition() const { return conditions_.empty() ? "true" : conditions_; }
    // With them, of each row by itself.
    std::string whole_condition() const {
        return found_condition_.empty() ? condition() : condition() + " AND " + found_condition_;
    }
    // Empty: no word has to be there.
    const std::string& found() const { return found_; }
    // Where that is words alone, and nothing else: they.
    const Words* words_alone() const { return is_one_search_ ? &words_ : nullptr; }
    const std::string& found_condition() const { return found_condition_; }
    Cells parameters() const { return cells_; }

  private:
    std::string conditions_, found_, found_condition_;
    bool is_one_search_ = false, names_few_ = false;
    Words words_;
    std::vector<std::vector<RiskRange>> risks_;
    std::vector<Cell> cells_;
    std::deque<std::string> texts_;
};

// Over the findings of `as_of`, where one is given.
Result<FilterQuery> filter_query(Database& database, const Filter& filter, Timestamp now,
                                 const AsOf& as_of = {});

}  // namespace merlon::evidence
