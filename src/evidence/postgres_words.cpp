#include "evidence/postgres_words.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "base/joined.h"
#include "evidence/word_place.h"

namespace merlon::evidence {
namespace {

// So many rows are gathered and sorted well within the time of a page.
constexpr std::int64_t kGathered = 10'000;

// How many findings have each word, as far as is known: 0 for the less common. In the order of
// `words`.
Result<std::vector<std::int64_t>> known_counts(Database& database,
                                               std::span<const std::string> words) {
    const std::string list = joined(words, " ");
    std::vector<std::int64_t> counts(words.size());
    MERLON_TRY(database.each_row(
        "SELECT w.nr, CAST(coalesce(sum(m.part), 0) * (SELECT coalesce(sum(n), 0) FROM counter) "
        "AS BIGINT) FROM unnest(string_to_array($1, ' ')) WITH ORDINALITY w (word, nr) "
        "LEFT JOIN (SELECT e.word, e.part FROM pg_stats s, unnest(CAST(CAST(s.most_common_elems AS "
        "TEXT) AS TEXT[]), s.most_common_elem_freqs) e (word, part) "
        "WHERE s.schemaname = current_schema() AND s.tablename = 'finding_text' "
        "AND s.attname = 'words') m ON starts_with(m.word, w.word) GROUP BY w.nr",
        {std::string_view(list)}, [&](Cells row) {
            const auto at = static_cast<std::size_t>(integer_of(row[0]) - 1);
            if (at < counts.size()) counts[at] = integer_of(row[1]);
        }));
    return counts;
}

}  // namespace

std::string tsvector_bytes(std::string_view words) {
    std::vector<std::string_view> all;
    for (std::string_view rest = words; !rest.empty();) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        all.push_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    std::string bytes;
    bytes.reserve(words.size() + 4 + 3 * all.size());
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(all.size() >> shift & 0xFF);
    for (const std::string_view word : all) {
        bytes += word;
        bytes.append(3, '\0');  // the end of the word, and no places
    }
    return bytes;
}

// Words are letters and digits: nothing in them ends the quotes.
std::string tsquery_of(std::span<const std::string> words) {
    std::string query;
    for (const std::string& word : words)
        query += fmt::format("{}'{}':*", query.empty() ? "" : " & ", word);
    return query;
}

Result<WordSearch> postgres_word_search(Database& database, std::span<const std::string> words) {
    const std::vector<std::int64_t> counts = MERLON_TRY(known_counts(database, words));
    const std::int64_t least = counts.empty() ? 0 : *std::ranges::min_element(counts);
    std::vector<std::string> indexed, looked_at;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool is_indexed = counts[i] <= std::max(least, kGathered);
        (is_indexed ? indexed : looked_at).push_back(words[i]);
    }
    return WordSearch{.value = tsquery_of(indexed) + "\n" + tsquery_of(looked_at),
                      .are_common = least > kGathered};
}

// What is compared with a truth value is not asked of the index.
std::string postgres_search_query(std::string_view parameter) {
    return fmt::format(
        "SELECT {0} AS finding, place FROM finding_text WHERE words @@ "
        "CAST(split_part({1}, chr(10), 1) AS tsquery) AND (split_part({1}, chr(10), 2) = '' OR "
        "(words @@ CAST(split_part({1}, chr(10), 2) AS tsquery)) IS TRUE)",
        finding_at_sql("place"), parameter);
}

// By the risk that the finding has now, which is that of the index, also where `f` is what it was.
std::string postgres_search_condition(std::string_view parameter) {
    return fmt::format(
        "coalesce((SELECT w.words @@ CAST({} AS tsquery) FROM finding n, finding_text w "
        "WHERE n.id = f.id AND w.place = {}), false)",
        parameter, word_place_sql("n.risk", "n.id"));
}

std::string postgres_walk_query(std::string_view parameter, std::string_view behind,
                                std::int64_t most) {
    return fmt::format(
        "SELECT {} AS finding, r.place FROM (SELECT place, words FROM finding_text WHERE {} "
        "ORDER BY place LIMIT {}) r WHERE r.words @@ CAST({} AS tsquery)",
        finding_at_sql("r.place"), behind, most, parameter);
}

}  // namespace merlon::evidence
