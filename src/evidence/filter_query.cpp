#include "evidence/filter_query.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/ascii.h"
#include "base/nearest.h"
#include "evidence/decisions.h"
#include "evidence/import.h"
#include "evidence/occurrence.h"
#include "evidence/seconds.h"
#include "evidence/standing.h"
#include "evidence/words.h"
#include "text/glob.h"

namespace merlon::evidence {
namespace {

constexpr std::size_t kMostNamedPaths = 1'000;
constexpr std::int64_t kMostNamedFamilies = 16;
constexpr int kMostCompared = 1'000;    // names, for a suggestion
constexpr std::size_t kMostListed = 8;  // of them, where none is like the one that was asked for

std::string_view sign(Comparison comparison) {
    constexpr std::array<std::string_view, 5> kWords{"=", "<", "<=", ">", ">="};
    return kWords[static_cast<std::size_t>(comparison)];
}

// As a pattern of LIKE that means just this; `*` any run of characters.
std::string like_pattern(std::string_view text) {
    std::string pattern;
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c == '*' ? '%' : c;
    }
    return pattern;
}

std::string in_list(FilterQuery& query, std::string_view column,
                    const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + query.bind(text);
    return fmt::format("{} IN ({})", column, list);
}

class Conditions {
  public:
    Conditions(Database& database, FilterQuery& query, const Filter& filter, Timestamp now,
               const AsOf& as_of)
        : database_(database),
          query_(query),
          now_s_(seconds_of(now)),
          wants_closed_(std::ranges::any_of(filter, asks_for_closed)),
          as_of_(as_of),
          has_ended_(as_of.has_value()) {}

    Status add(const FilterTerm& term) {
        if (term.key == FilterKey::kText) return text(term);
        names_many_ = term.key != FilterKey::kPath &&
                      (term.key != FilterKey::kId || term.comparison != Comparison::kEqual);
        is_negated_ = term.is_negated;
        const std::string condition = MERLON_TRY(condition_of(term));
        if (!term.is_negated && !names_many_) query_.name_few();
        if (!term.is_negated && term.key == FilterKey::kSeverity) query_.require_risks(ranges_);
        query_.require(term.is_negated ? fmt::format("NOT ({})", condition)
                                       : fmt::format("({})", condition));
        return {};
    }

  private:
    // Whether it may be about what is gone: of a branch, what was seen there once.
    static bool asks_for_closed(const FilterTerm& term) {
        if (term.key != FilterKey::kIs) return false;
        const auto has = [&term](std::string_view state) {
            return std::ranges::find(term.texts, state) != term.texts.end();
        };
        return term.is_negated ? has("open") || has("present") : has("closed") || has("gone");
    }

    // One of several owners, by its name or by the last part of it: "acme/payments" is "payments".
    // Hosts take names of people and teams in any case.
    std::string owner_is(const std::string& owner) {
        if (owner == "none") return "f.owner = ''";
        const std::string name = like_pattern(owner.starts_with('@') ? owner.substr(1) : owner);
        return fmt::format(
            "(lower(' ' || f.owner || ' ') LIKE lower({}) ESCAPE '\\' "
            "OR lower(f.owner || ' ') LIKE lower({}) ESCAPE '\\')",
            query_.bind("% " + name + " %"), query_.bind("%/" + name + " %"));
    }

    Result<std::string> condition_of(const FilterTerm& term) {
        switch (term.key) {
            case FilterKey::kIs:
                MERLON_TRY(look_for_ended());
                return any_of(term.texts, [this](const std::string& state) { return is(state); });
            case FilterKey::kDecision:
                return any_of_numbers(term.numbers, [this](std::int64_t verdict) {
                    return verdict == 0 ? fmt::format("f.verdict = 0 OR {}", ended())
                                        : fmt::format("f.verdict = {} AND NOT {}",
                                                      query_.bind(verdict), ended());
                });
            case FilterKey::kExpires:
                return any_of_numbers(term.numbers, [&](std::int64_t in_s) {
                    return fmt::format("f.expires > {} AND f.expires {} {}", query_.bind(now_s_),
                                       sign(term.comparison), query_.bind(now_s_ + in_s));
                });
            case FilterKey::kSeverity:
                return severity(term);
            case FilterKey::kId:
                return numbers("f.id", term);
            case FilterKey::kAge:
                return age(term);
            case FilterKey::kTool:
                return ids("f.family", kTools, lower(term.texts));
            case FilterKey::kScope: {
                std::vector<std::string> names;
                for (const std::string& name : term.texts)
                    names.push_back(MERLON_TRY(scope_called(database_, name)));
                return ids("f.scope", kScopes, names);
            }
            case FilterKey::kRef:
                return ref(term.texts);
            case FilterKey::kOwner:
                return any_of(term.texts,
                              [&](const std::string& owner) { return owner_is(owner); });
            case FilterKey::kRule:
                return rule(term.texts);
            case FilterKey::kPath:
                return path(term.texts);
            case FilterKey::kText:
                break;
        }
        return std::string("true");
    }

    template <typename Make>
    static std::string any_of(const std::vector<std::string>& texts, const Make& make) {
        std::string all;
        for (const std::string& text : texts) all += (all.empty() ? "" : " OR ") + make(text);
        return all;
    }

    static std::vector<std::string> lower(const std::vector<std::string>& texts) {
        std::vector<std::string> all;
        for (const std::string& text : texts) all.push_back(lower_case(text));
        return all;
    }

    template <typename Make>
    static std::string any_of_numbers(const std::vector<std::int64_t>& numbers, const Make& make) {
        std::string all;
        for (const std::int64_t number : numbers) {
            if (!all.empty()) all += " OR ";
            all += make(number);
        }
        return all;
    }

    // Whether the decision of a finding has ended: no writer may have come since.
    std::string ended() {
        return fmt::format("(f.expires > 0 AND f.expires <= {})", query_.bind(now_s_));
    }

    // Nearly always nothing has, and then the rows say it all and the indices hold.
    Status look_for_ended() {
        if (as_of_) return {};
        has_ended_ = MERLON_TRY(database_.number("SELECT 1 FROM finding WHERE expires > 0 AND "
                                                 "expires <= $1 LIMIT 1",
                                                 {now_s_}, 0)) == 1;
        return {};
    }

    std::string is(std::string_view state) {
        constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kConditions{
            {{"open", "f.open = 1"},
             {"closed", "f.open = 0"},
             {"suppressed", "f.suppressed <> '' OR f.verdict IN (1, 2, 3, 7)"},
             {"present", "f.detection = 0"},
             {"unknown", "f.detection = 1"},
             {"gone", "f.detection = 2"},
             {"unowned", "f.owner = ''"}}};
        if (has_ended_ && (state == "open" || state == "closed")) {
            return (state == "open" ? "" : "NOT ") + open_condition(query_.bind(now_s_));
        }
        if (has_ended_ && state == "suppressed") {
            return fmt::format("f.suppressed <> '' OR (f.verdict IN {} AND NOT {})",
                               kClosingVerdicts, ended());
        }
        for (const auto& [name, condition] : kConditions)
            if (name == state) return std::string(condition);
        return "false";
    }

    std::string numbers(std::string_view column, const FilterTerm& term) {
        return any_of_numbers(term.numbers, [&](std::int64_t number) {
            return fmt::format("{} {} {}", column, sign(term.comparison), query_.bind(number));
        });
    }

    // As a range of risks: an index has them in order, so that nothing is looked at beside it.
    std::string severity(const FilterTerm& term) {
        ranges_.clear();
        return any_of_numbers(term.numbers, [&](std::int64_t number) {
            constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
            constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
            const std::int64_t least = least_risk(number), above = least_risk(number + 1);
            switch (term.comparison) {
                case Comparison::kLess:
                    ranges_.emplace_back(kLeast, least);
                    return "f.risk < " + query_.bind(least);
                case Comparison::kLessOrEqual:
                    ranges_.emplace_back(kLeast, above);
                    return "f.risk < " + query_.bind(above);
                case Comparison::kGreater:
                    ranges_.emplace_back(above, kMost);
                    return "f.risk >= " + query_.bind(above);
                case Comparison::kGreaterOrEqual:
                    ranges_.emplace_back(least, kMost);
                    return "f.risk >= " + query_.bind(least);
                case Comparison::kEqual:
                    break;
            }
            ranges_.emplace_back(least, above);
            return fmt::format("f.risk >= {} AND f.risk < {}", query_.bind(least),
                               query_.bind(above));
        });
    }

    // Older is seen earlier.
    std::string age(const FilterTerm& term) {
        return any_of_numbers(term.numbers, [&](std::int64_t seconds) {
            return fmt::format("{} {} f.first_seen", query_.bind(now_s_ - seconds),
                               sign(term.comparison));
        });
    }

    // "main" is "refs/heads/main", and the other way round.
    Result<std::string> ref(const std::vector<std::string>& refs) {
        constexpr std::string_view kBranches = "refs/heads/";
        std::vector<std::string> names;
        for (const std::string& name : refs) {
            std::vector<std::string> known;
            const bool is_full = name.starts_with(kBranches) && name.size() > kBranches.size();
            const std::string other =
                is_full ? name.substr(kBranches.size()) : std::string(kBranches) + name;
            for (const std::string& called : {name, other})
                for (std::string& one : MERLON_TRY(names_in(kRefs, called)))
                    known.push_back(std::move(one));
            if (known.empty()) return MERLON_TRY(unknown_name(kRefs, name));
            names.insert(names.end(), known.begin(), known.end());
        }
        std::string there = fmt::format("{} <> 1", presence_state_at(as_of_));
        if (wants_closed_)
            there = !as_of_ ? "true"
                            : fmt::format(
                                  "(SELECT a.received FROM analysis a WHERE a.id = "
                                  "r.first_analysis) <= {}",
                                  query_.bind(seconds_of(*as_of_)));
        return fmt::format(
            "EXISTS (SELECT 1 FROM presence r JOIN stream t ON t.id = r.stream "
            "WHERE r.finding = f.id AND {} AND {})",
            there, in_list(query_, "t.ref", names));
    }

    Result<std::string> rule(const std::vector<std::string>& rules) {
        std::string all;
        for (const std::string& rule : rules) {
            if (!all.empty()) all += " OR ";
            if (rule.find('*') == std::string::npos)
                all += MERLON_TRY(rule_is(rule));
            else
                all += fmt::format("f.rule LIKE {} ESCAPE '\\'", query_.bind(like_pattern(rule)));
        }
        return all;
    }

    // By its families, of each of which an index has the findings in order. Where they have no
    // other name, no row is looked at.
    Result<std::string> rule_is(const std::string& rule) {
        std::string list;
        std::int64_t families = 0, names = 0;
        MERLON_TRY(database_.each_row(
            fmt::format("SELECT f.family, (SELECT count(*) FROM rule n WHERE n.family = f.family) "
                        "FROM (SELECT DISTINCT family FROM rule WHERE name = $1 LIMIT {}) f",
                        kMostNamedFamilies + 1),
            {std::string_view(rule)}, [&](Cells row) {
                list += (list.empty() ? "" : ", ") + std::to_string(integer_of(row[0]));
                names += integer_of(row[1]);
                ++families;
            }));
        const std::string condition = "f.rule = " + query_.bind(rule);
        if (families == 0 || families > kMostNamedFamilies) return condition;
        const std::string among = families == 1 ? fmt::format("f.family = {}", list)
                                                : fmt::format("f.family IN ({})", list);
        return names == families ? among : fmt::format("({} AND {})", among, condition);
    }

    // Words that have to be there are searched together; what is left of a term is a condition.
    Status text(const FilterTerm& term) {
        const std::string& text = term.texts.front();
        const std::vector<std::string> words = searched_words(text);
        const std::string aliased = MERLON_TRY(families_also_called(text));
        const std::string rest = is_one_word(text, words) ? "true" : stands_in_row(text);
        if (!term.is_negated && aliased.empty()) {
            searched_.insert(searched_.end(), words.begin(), words.end());
            query_.require(rest);
            return {};
        }
        std::string condition = rest, found = "SELECT f.id AS finding FROM finding f WHERE " + rest;
        if (!words.empty()) {
            const std::string value = query_.bind(MERLON_TRY(database_.search_value(words)).value);
            const std::string in_row = query_.bind(database_.row_search_value(words));
            condition = fmt::format("({} AND {})", database_.search_condition(in_row), rest);
            found = fmt::format(
                "SELECT w.finding AS finding FROM ({}) w CROSS JOIN finding f "
                "WHERE f.id = w.finding AND {}",
                database_.search_query(value), rest);
        }
        if (!aliased.empty()) {
            condition = fmt::format("({} OR {})", condition, aliased);
            found += " UNION SELECT f.id AS finding FROM finding f WHERE " + aliased;
        }
        if (term.is_negated)
            query_.require("NOT " + condition);
        else
            query_.search(found, condition);
        return {};
    }

    static bool is_one_word(const std::string& text, const std::vector<std::string>& words) {
        return words.size() == 1 && words.front() == lower_case(text);
    }

    // What has signs in it, or a space, stands as it is in one of the texts.
    std::string stands_in_row(const std::string& text) {
        return fmt::format(
            "(lower(f.title) LIKE {0} ESCAPE '\\' OR lower(f.rule) LIKE {0} ESCAPE '\\' OR "
            "(SELECT lower(p.name) FROM path p WHERE p.id = f.path) LIKE {0} ESCAPE '\\')",
            query_.bind("%" + lower_case(like_pattern(text)) + "%"));
    }

    // A rule has other names where its tool gave it a new one, and an advisory has aliases. Rules
    // are few beside findings: they are looked through.
    Result<std::string> families_also_called(const std::string& text) {
        std::string list;
        const std::string pattern = "%" + lower_case(like_pattern(text)) + "%";
        MERLON_TRY(database_.each_row(
            "SELECT DISTINCT family FROM rule WHERE lower(name) LIKE $1 ESCAPE '\\' AND family IN "
            "(SELECT family FROM rule GROUP BY family HAVING count(*) > 1)",
            {std::string_view(pattern)}, [&](Cells row) {
                list += (list.empty() ? "" : ", ") + std::to_string(integer_of(row[0]));
            }));
        return list.empty() ? list : "f.family IN (" + list + ")";
    }

  public:
    Status search_words() {
        if (searched_.empty()) return {};
        WordSearch search = MERLON_TRY(database_.search_value(searched_));
        const std::string value = query_.bind(std::move(search.value));
        const std::string in_row = query_.bind(database_.row_search_value(searched_));
        query_.search_words({.query = database_.search_query(value),
                             .condition = database_.search_condition(in_row),
                             .in_row = in_row,
                             .are_common = search.are_common});
        return {};
    }

  private:
    // Where the names of something stand.
    struct NameList {
        std::string_view key, what, table, column;
    };
    static constexpr NameList kTools{"tool", "tool", "family", "tool"};
    static constexpr NameList kScopes{"repo", "repository", "scope", "name"};
    static constexpr NameList kRefs{"ref", "ref", "stream", "ref"};

    // The names that are that one, or fit it where it has a `*`.
    Result<std::vector<std::string>> names_in(const NameList& list, const std::string& name) {
        std::vector<std::string> names;
        const bool is_pattern = name.contains('*');
        const std::string asked = is_pattern ? like_pattern(name) : name;
        MERLON_TRY(database_.each_row(
            fmt::format("SELECT DISTINCT {1} FROM {0} WHERE {1} {2} $1{3}", list.table, list.column,
                        is_pattern ? "LIKE" : "=", is_pattern ? " ESCAPE '\\'" : ""),
            {std::string_view(asked)}, [&](Cells row) { names.emplace_back(text_of(row[0])); }));
        // A repository has several addresses, and one name in the store.
        if (names.empty() && !is_pattern && list.key == kScopes.key)
            if (const std::string called = repository_name(name); called != name)
                return names_in(list, called);
        return names;
    }

    // Of few names all, so that nobody has to ask for them.
    static std::string listed(const NameList& list, const std::vector<std::string>& known) {
        std::string text;
        for (std::size_t i = 0; i < known.size() && i < kMostListed; ++i)
            text += (i == 0 ? "" : ", ") + known[i];
        const std::size_t more = known.size() > kMostListed ? known.size() - kMostListed : 0;
        return fmt::format("; it has the {} {}{}", list.what, text,
                           more > 0 ? fmt::format(" and {} more", more) : "");
    }

    // A name that nothing has is a typing error: no findings would look like none. Where the store
    // is empty there is nothing to mistake it for, and a term that takes away may do so.
    Result<std::string> unknown_name(const NameList& list, const std::string& name) {
        std::vector<std::string> known;
        MERLON_TRY(database_.each_row(
            fmt::format("SELECT DISTINCT {1} FROM {0} WHERE {1} <> '' ORDER BY {1} LIMIT {2}",
                        list.table, list.column, kMostCompared),
            {}, [&](Cells row) { known.emplace_back(text_of(row[0])); }));
        if (is_negated_) return std::string("false");
        if (known.empty()) {
            const bool is_empty =
                MERLON_TRY(database_.number("SELECT count(*) FROM stream", {}, 0)) == 0;
            if (list.key != kRefs.key || is_empty) return std::string("false");
            return Error{
                fmt::format("ref:{}: the store knows of no ref: its reports were imported without "
                            "--ref, and name none",
                            name)};
        }
        const std::vector<std::string_view> views(known.begin(), known.end());
        std::string like = suggestion(name, views);
        for (const std::string& one : known)
            if (like.empty() && one.ends_with("/" + name)) like = "; did you mean '" + one + "'?";
        if (like.empty()) like = listed(list, known);
        return Error{fmt::format("{}:{}: the store has no {} of that name{}", list.key, name,
                                 list.what, like)};
    }

    // The rows that have one of these names, as numbers: with one of them the database sees that an
    // index has the findings in order.
    Result<std::string> ids(std::string_view column, const NameList& of,
                            const std::vector<std::string>& asked) {
        std::vector<std::string> texts;
        for (const std::string& name : asked) {
            std::vector<std::string> found = MERLON_TRY(names_in(of, name));
            if (found.empty()) return MERLON_TRY(unknown_name(of, name));
            texts.insert(texts.end(), found.begin(), found.end());
        }
        FilterQuery names;
        const std::string condition = in_list(names, of.column, texts);
        std::string list;
        MERLON_TRY(database_.each_row(
            fmt::format("SELECT id FROM {} WHERE {}", of.table, condition), names.parameters(),
            [&](Cells row) {
                list += (list.empty() ? "" : ", ") + query_.bind(integer_of(row[0]));
            }));
        if (list.empty()) return std::string("false");
        const bool is_one = list.find(',') == std::string::npos;
        return std::string(column) + (is_one ? " = " + list : " IN (" + list + ")");
    }

    // A name means the file, and everything below where it is a folder.
    Result<std::string> path(const std::vector<std::string>& globs) {
        std::string all;
        for (const std::string& glob : globs) {
            if (!all.empty()) all += " OR ";
            if (glob.find_first_of("*?[\\") != std::string::npos) {
                all += MERLON_TRY(paths_that_match(glob));
                // A folder or file may be called "[id]".
                if (glob.find_first_of("*?\\") == std::string::npos)
                    all += " OR " + MERLON_TRY(path_below(glob));
                continue;
            }
            all += MERLON_TRY(path_below(glob));
        }
        return all;
    }

    // Few are named by their numbers, by which every database sees that it has an index. Names are
    // looked up in each scope, as their index has them; '0' follows '/'.
    Result<std::string> path_below(std::string name) {
        while (name.ends_with('/')) name.pop_back();
        const std::string from = name + "/", to = name + "0";
        std::string list;
        std::size_t count = 0;
        MERLON_TRY(database_.each_row(
            fmt::format("SELECT p.id FROM scope c CROSS JOIN path p WHERE p.scope = c.id "
                        "AND p.name = $1 UNION ALL SELECT p.id FROM scope c CROSS JOIN path p "
                        "WHERE p.scope = c.id AND p.name >= $2 AND p.name < $3 LIMIT {}",
                        kMostNamedPaths + 1),
            {std::string_view(name), std::string_view(from), std::string_view(to)}, [&](Cells row) {
                list += (list.empty() ? "" : ", ") + std::to_string(integer_of(row[0]));
                ++count;
            }));
        if (count == 0) return std::string("false");
        if (count <= kMostNamedPaths) return fmt::format("f.path IN ({})", list);
        return among_many(
            fmt::format("SELECT id FROM path WHERE name = {} OR (name >= {} AND name < {})",
                        query_.bind(name), query_.bind(from), query_.bind(to)));
    }

    // As no index has it: so many paths are met along the order of pages soon, and all of their
    // findings would take long to sort.
    std::string among_many(const std::string& paths) {
        names_many_ = true;
        return fmt::format("f.path + 0 IN ({})", paths);
    }

    Result<std::string> paths_that_match(const std::string& glob) {
        std::vector<std::int64_t> ids;
        const auto take = [&](Cells row) {
            if (text::glob_matches(glob, text_of(row[1]))) ids.push_back(integer_of(row[0]));
        };
        // Names that begin with the glob's last whole folder; '0' follows '/'.
        const std::string start = glob.substr(0, glob.find_first_of("*?[\\"));
        const std::size_t slash = start.rfind('/');
        if (slash == std::string::npos) {
            MERLON_TRY(database_.each_row("SELECT id, name FROM path", {}, take));
        } else {
            const std::string from = start.substr(0, slash + 1), to = start.substr(0, slash) + "0";
            MERLON_TRY(database_.each_row(
                "SELECT p.id, p.name FROM scope c CROSS JOIN path p WHERE p.scope = c.id "
                "AND p.name >= $1 AND p.name < $2",
                {std::string_view(from), std::string_view(to)}, take));
        }
        if (ids.empty()) return std::string("false");
        if (ids.size() <= kMostNamedPaths)
            return fmt::format("f.path IN ({})", fmt::join(ids, ", "));
        constexpr Column kColumns[] = {{"id", ColumnType::kInteger}};
        const std::string table = fmt::format("stage_filter_{}", tables_++);
        auto at = ids.begin();
        MERLON_TRY(database_.stage(table, kColumns, [&](std::span<Cell> row) {
            if (at == ids.end()) return false;
            row[0] = *at++;
            return true;
        }));
        return among_many("SELECT id FROM " + table);
    }

    Database& database_;
    FilterQuery& query_;
    std::int64_t now_s_;
    bool wants_closed_;  // what is no longer there
    std::vector<std::string> searched_;
    AsOf as_of_;
    bool has_ended_;
    bool names_many_ = false;  // the term that is added: more than an index should gather
    std::vector<FilterQuery::RiskRange> ranges_;  // of the term that is added
    int tables_ = 0;
    bool is_negated_ = false;  // the term that is being read
};

}  // namespace

std::string FilterQuery::bind(std::int64_t number) {
    cells_.emplace_back(number);
    return fmt::format("${}", cells_.size());
}

std::string FilterQuery::bind(std::string text) {
    texts_.push_back(std::move(text));
    cells_.emplace_back(std::string_view(texts_.back()));
    return fmt::format("${}", cells_.size());
}

void FilterQuery::search_words(Words words) {
    const bool is_first = found_.empty();
    search(words.query, words.condition);
    is_one_search_ = is_first;
    words_ = std::move(words);
}

void FilterQuery::search(const std::string& query, const std::string& condition) {
    is_one_search_ = false;
    found_ = found_.empty() ? query
                            : fmt::format(
                                  "SELECT finding FROM ({}) a INTERSECT "
                                  "SELECT finding FROM ({}) b",
                                  found_, query);
    found_condition_ =
        found_condition_.empty() ? condition : found_condition_ + " AND " + condition;
}

bool FilterQuery::may_have(std::int64_t risk) const {
    return std::ranges::all_of(risks_, [risk](const std::vector<RiskRange>& ranges) {
        return std::ranges::any_of(ranges, [risk](const RiskRange& range) {
            return range.first <= risk && risk < range.second;
        });
    });
}

bool FilterQuery::may_have_below(std::int64_t risk) const {
    return std::ranges::all_of(risks_, [risk](const std::vector<RiskRange>& ranges) {
        return std::ranges::any_of(ranges,
                                   [risk](const RiskRange& range) { return range.first < risk; });
    });
}

bool FilterQuery::has_only_below(std::int64_t risk) const {
    return std::ranges::any_of(risks_, [risk](const std::vector<RiskRange>& ranges) {
        return std::ranges::all_of(ranges,
                                   [risk](const RiskRange& range) { return range.second <= risk; });
    });
}

void FilterQuery::require(const std::string& condition) {
    if (condition == "true") return;
    if (!conditions_.empty()) conditions_ += " AND ";
    conditions_ += condition;
}

Result<FilterQuery> filter_query(Database& database, const Filter& filter, Timestamp now,
                                 const AsOf& as_of) {
    FilterQuery query;
    Conditions conditions(database, query, filter, now, as_of);
    for (const FilterTerm& term : filter) MERLON_TRY(conditions.add(term));
    MERLON_TRY(conditions.search_words());
    return query;
}

}  // namespace merlon::evidence
