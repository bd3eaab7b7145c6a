#include "evidence/filter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/ascii.h"
#include "base/nearest.h"
#include "evidence/decisions.h"
#include "model/severity.h"
#include "text/glob.h"

namespace merlon::evidence {
namespace {

constexpr std::size_t kMaxTextBytes = 4096;
constexpr std::size_t kMaxTerms = 64;

struct KeyName {
    std::string_view name;
    FilterKey key;
};
constexpr std::array kKeys{
    KeyName{"is", FilterKey::kIs},
    KeyName{"sev", FilterKey::kSeverity},
    KeyName{"severity", FilterKey::kSeverity},
    KeyName{"tool", FilterKey::kTool},
    KeyName{"rule", FilterKey::kRule},
    KeyName{"path", FilterKey::kPath},
    KeyName{"repo", FilterKey::kScope},
    KeyName{"ref", FilterKey::kRef},
    KeyName{"owner", FilterKey::kOwner},
    KeyName{"age", FilterKey::kAge},
    KeyName{"decision", FilterKey::kDecision},
    KeyName{"expires", FilterKey::kExpires},
    KeyName{"id", FilterKey::kId},
};
constexpr std::array<std::string_view, 7> kStates{"open",    "closed", "suppressed", "present",
                                                  "unknown", "gone",   "unowned"};

struct ComparisonSign {
    std::string_view sign;
    Comparison comparison;
};
constexpr std::array kSigns{
    ComparisonSign{">=", Comparison::kGreaterOrEqual},
    ComparisonSign{"<=", Comparison::kLessOrEqual},
    ComparisonSign{">", Comparison::kGreater},
    ComparisonSign{"<", Comparison::kLess},
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text) {}

    Result<Filter> parse() {
        if (text_.size() > kMaxTextBytes)
            return Error{"the filter is longer than " + std::to_string(kMaxTextBytes) + " bytes"};
        Filter filter;
        while (true) {
            while (at_ < text_.size() && is_space(text_[at_])) ++at_;
            if (at_ == text_.size()) return filter;
            if (filter.size() == kMaxTerms)
                return Error{"the filter has more than " + std::to_string(kMaxTerms) + " terms",
                             at_};
            filter.push_back(MERLON_TRY(parse_term()));
        }
    }

  private:
    Result<FilterTerm> parse_term() {
        const std::size_t begin = at_;
        FilterTerm term;
        if (text_[at_] == '-' && at_ + 1 < text_.size() && !is_space(text_[at_ + 1])) {
            term.is_negated = true;
            ++at_;
        }
        // What stands in quotes is a word, whatever it looks like.
        const std::size_t colon = text_[at_] == '"' ? std::string_view::npos : key_end();
        if (colon == std::string_view::npos) {
            const bool is_quoted = text_[at_] == '"';
            term.texts.push_back(MERLON_TRY(parse_value(false)));
            const std::string& word = term.texts.back();
            if (word.empty()) return Error{"an empty word", begin};
            const bool is_operator = word == "OR" || word == "AND" || word == "NOT";
            if (!is_quoted && (is_operator || word.starts_with('(')))
                return Error{"the filter has no '" + (is_operator ? word : std::string("(")) +
                                 "': all terms have to hold, values with commas are alternatives "
                                 "(sev:low,high), a minus turns a term round; quote it as a word",
                             begin};
            return term;
        }
        const std::string name = lower_case(text_.substr(at_, colon - at_));
        const auto* const known = std::ranges::find(kKeys, name, &KeyName::name);
        if (known == kKeys.end()) {
            std::vector<std::string_view> names;
            for (const KeyName& key : kKeys) names.push_back(key.name);
            return Error{"the filter has no '" + std::string(name) +
                             ":'; there are is, sev, tool, rule, path, repo, ref, owner, age, "
                             "decision, expires and id" +
                             suggestion(name, names) + "; quote a word that has a colon",
                         begin};
        }
        term.key = known->key;
        at_ = colon + 1;
        read_comparison(term);
        do {
            std::string value = MERLON_TRY(parse_value(true));
            if (is_of_words(term.key)) value = lower_case(value);
            if (Status taken = take(value, term); !taken.ok()) {
                Error error = std::move(taken).error();
                error.offset = begin;
                return error;
            }
        } while (at_ < text_.size() && text_[at_] == ',' && ++at_ > 0);
        return term;
    }

    // Where a key ends, if one begins here.
    std::size_t key_end() const {
        std::size_t end = at_;
        while (end < text_.size() && is_letter(text_[end])) ++end;
        const bool is_key = end > at_ && end < text_.size() && text_[end] == ':';
        return is_key ? end : std::string_view::npos;
    }

    // What has a few words as values, or is kept in lower case.
    static bool is_of_words(FilterKey key) {
        return key == FilterKey::kIs || key == FilterKey::kSeverity || key == FilterKey::kTool ||
               key == FilterKey::kDecision;
    }

    void read_comparison(FilterTerm& term) {
        if (term.key != FilterKey::kSeverity && term.key != FilterKey::kAge &&
            term.key != FilterKey::kExpires)
            return;
        for (const ComparisonSign& known : kSigns) {
            if (!text_.substr(at_).starts_with(known.sign)) continue;
            term.comparison = known.comparison;
            at_ += known.sign.size();
            return;
        }
    }

    // To the next space (or comma, of a list), or what stands in quotes; "" inside is one quote.
    Result<std::string> parse_value(bool is_listed) {  // NOLINT: of this file
        std::string value;
        if (at_ < text_.size() && text_[at_] == '"') {
            for (const std::size_t begin = at_++;; ++at_) {
                if (at_ == text_.size()) return Error{"a quote that does not end", begin};
                if (text_[at_] != '"') {
                    value += text_[at_];
                } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
                    value += '"';
                    ++at_;
                } else {
                    ++at_;
                    return value;
                }
            }
        }
        while (at_ < text_.size() && !is_space(text_[at_]) && !(is_listed && text_[at_] == ','))
            value += text_[at_++];
        return value;
    }

    static Status take(const std::string& value, FilterTerm& term) {
        if (value.empty()) return Error{"the filter has a key without a value"};
        switch (term.key) {
            case FilterKey::kIs:
                if (std::ranges::find(kStates, value) == kStates.end())
                    return Error{"nothing is '" + value +
                                 "'; findings are open, closed, "
                                 "suppressed, present, unknown, gone or unowned" +
                                 suggestion(value, kStates)};
                break;
            case FilterKey::kSeverity: {
                const auto severity = model::parse_severity(value);
                if (!severity)
                    return Error{"'" + value +
                                 "' is no severity: critical, high, medium, low or info"};
                term.numbers.push_back(static_cast<std::int64_t>(*severity));
                return {};
            }
            case FilterKey::kAge:
            case FilterKey::kExpires: {
                const auto age = parse_span_s(value);
                if (!age || term.comparison == Comparison::kEqual)
                    return Error{"a time is written as >30d or <=12h, with h, d, w or y; found '" +
                                 value + "'"};
                term.numbers.push_back(*age);
                return {};
            }
            case FilterKey::kDecision: {
                const auto verdict = parse_verdict(value);
                if (!verdict)
                    return Error{"nobody decides '" + value +
                                 "'; decisions are none, false_positive, not_affected, accepted, "
                                 "will_fix, affected, under_investigation or fixed"};
                term.numbers.push_back(static_cast<std::int64_t>(*verdict));
                return {};
            }
            case FilterKey::kId: {
                std::int64_t id = 0;
                const char* const end = value.data() + value.size();
                const auto read = std::from_chars(value.data(), end, id);
                if (read.ptr != end || read.ec != std::errc{} || id < 1)
                    return Error{"'" + value + "' is no number of a finding"};
                term.numbers.push_back(id);
                return {};
            }
            case FilterKey::kPath:
                if (const std::string_view defect = text::glob_defect(value); !defect.empty())
                    return Error{"path:" + value + " " + std::string(defect)};
                break;
            default:
                break;
        }
        term.texts.push_back(value);
        return {};
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<std::int64_t> parse_span_s(std::string_view text) {
    constexpr std::array<std::pair<char, std::int64_t>, 4> kUnits{
        {{'h', 3600}, {'d', 86'400}, {'w', 7 * 86'400}, {'y', 365 * 86'400}}};
    if (text.empty()) return std::nullopt;
    for (const auto& [unit, seconds] : kUnits) {
        if (text.back() != unit) continue;
        std::int64_t count = 0;
        const char* const end = text.data() + text.size() - 1;
        const auto read = std::from_chars(text.data(), end, count);
        constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
        if (read.ptr != end || read.ec != std::errc{} || count < 0 || count > kMost)
            return std::nullopt;
        return count * seconds;
    }
    return std::nullopt;
}

Result<Filter> parse_filter(std::string_view text) { return Parser(text).parse(); }

}  // namespace merlon::evidence
