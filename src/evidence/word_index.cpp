#include "evidence/word_index.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <unordered_set>

#include "evidence/words.h"

namespace merlon::evidence {
namespace {

constexpr std::size_t kBatch = 10'000;  // of findings whose words are in memory

NextRow rows_of(const std::vector<FindingWords>& all) {
    return [&all, at = all.begin()](std::span<Cell> row) mutable {
        if (at == all.end()) return false;
        row[0] = at->finding;
        row[1] = at->risk;
        row[2] = std::string_view(at->words);
        ++at;
        return true;
    };
}

void put_in_order(std::vector<FindingWords>& all) {
    std::ranges::sort(all, [](const FindingWords& left, const FindingWords& right) {
        return std::tie(right.risk, right.finding) < std::tie(left.risk, left.finding);
    });
}

// The findings behind the number `after`, in order.
Result<std::vector<FindingWords>> next_findings(Database& database, std::int64_t after) {
    std::vector<FindingWords> batch;
    MERLON_TRY(database.each_row(
        "SELECT f.id, f.title, f.rule, p.name, f.risk FROM finding f JOIN path p ON p.id = f.path "
        "WHERE f.id > $1 ORDER BY f.id LIMIT $2",
        {after, static_cast<std::int64_t>(kBatch)}, [&](Cells row) {
            batch.push_back({integer_of(row[0]),
                             words_of(text_of(row[1]), text_of(row[2]), text_of(row[3])),
                             integer_of(row[4])});
        }));
    return batch;
}

Status each_batch(Database& database,
                  const std::function<Status(const std::vector<FindingWords>&)>& use) {
    std::int64_t after = 0;
    while (true) {
        const std::vector<FindingWords> batch = MERLON_TRY(next_findings(database, after));
        if (batch.empty()) return {};
        MERLON_TRY(use(batch));
        after = batch.back().finding;
    }
}

// The sum of these over a set says which set it is, in whatever order it comes.
std::uint64_t mixed(std::string_view word, std::int64_t finding) {
    std::uint64_t bits = std::hash<std::string_view>()(word) ^
                         static_cast<std::uint64_t>(finding) * 0x9E3779B97F4A7C15U;
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9U;
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EBU;
    return bits ^ bits >> 31;
}

}  // namespace

Status add_words(Database& database, std::vector<FindingWords> added) {
    put_in_order(added);
    return added.empty() ? Status() : database.add_words(rows_of(added));
}

Status remove_words(Database& database, std::vector<FindingWords> gone) {
    put_in_order(gone);
    return gone.empty() ? Status() : database.remove_words(rows_of(gone));
}

Status index_all_words(Database& database) {
    return each_batch(database, [&](const std::vector<FindingWords>& batch) {
        return add_words(database, batch);
    });
}

Status order_words(Database& database) {
    return database.searches_in_order() ? index_all_words(database) : Status();
}

Status place_words(Database& database) {
    return database.searches_in_order() ? Status() : index_all_words(database);
}

Status check_words(Database& database, const std::function<void(std::string_view problem)>& use) {
    std::uint64_t wanted = 0, kept = 0;
    MERLON_TRY(each_batch(database, [&](const std::vector<FindingWords>& batch) {
        std::unordered_set<std::string_view> words;
        for (const FindingWords& one : batch) {
            words.clear();
            for (std::string_view rest = one.words; !rest.empty();) {
                const std::size_t end = std::min(rest.find(' '), rest.size());
                words.insert(rest.substr(0, end));
                rest.remove_prefix(std::min(end + 1, rest.size()));
            }
            for (const std::string_view word : words) wanted += mixed(word, one.finding);
        }
        return Status();
    }));
    MERLON_TRY(
        database.each_word([&](Cells row) { kept += mixed(text_of(row[0]), integer_of(row[1])); }));
    if (kept != wanted)
        use("the index of words does not have the words of the findings: searches miss some");
    return {};
}

}  // namespace merlon::evidence
