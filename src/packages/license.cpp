#include "packages/license.h"

#include <algorithm>
#include <array>

#include "packages/license_ids.h"
#include "packages/version_key.h"

namespace merlon::packages {
namespace {

// What was one identifier until list 3.0, and is a licence with an exception since.
struct SplitLicense {
    std::string_view id;
    std::string_view license;
    std::string_view exception;
};
constexpr SplitLicense kSplitLicenses[] = {
    {"GPL-2.0-with-autoconf-exception", "GPL-2.0-only", "Autoconf-exception-2.0"},
    {"GPL-2.0-with-bison-exception", "GPL-2.0-only", "Bison-exception-2.2"},
    {"GPL-2.0-with-classpath-exception", "GPL-2.0-only", "Classpath-exception-2.0"},
    {"GPL-2.0-with-font-exception", "GPL-2.0-only", "Font-exception-2.0"},
    {"GPL-2.0-with-GCC-exception", "GPL-2.0-only", "GCC-exception-2.0"},
    {"GPL-3.0-with-autoconf-exception", "GPL-3.0-only", "Autoconf-exception-3.0"},
    {"GPL-3.0-with-GCC-exception", "GPL-3.0-only", "GCC-exception-3.1"},
};

using Kind = LicenseExpression::Kind;

Error wrong(std::string message, std::size_t offset) {
    return Error{"licence expression: " + std::move(message), offset};
}

const ListedId* find(std::span<const ListedId> list, std::string_view id) {
    const std::string lower = lower_case(id);
    const auto at = std::lower_bound(
        list.begin(), list.end(), lower,
        [](const ListedId& row, const std::string& wanted) { return lower_case(row.id) < wanted; });
    return at != list.end() && lower_case(at->id) == lower ? &*at : nullptr;
}

bool is_id_character(char c) { return is_alnum(c) || c == '-' || c == '.'; }

bool is_id(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_id_character);
}

// ["DocumentRef-"(idstring)":"]prefix(idstring)
bool is_reference(std::string_view text, std::string_view prefix) {
    if (text.starts_with("DocumentRef-")) {
        text.remove_prefix(12);
        const std::size_t colon = text.find(':');
        if (colon == std::string_view::npos || !is_id(text.substr(0, colon))) return false;
        text.remove_prefix(colon + 1);
    }
    return text.starts_with(prefix) && is_id(text.substr(prefix.size()));
}

// Words, brackets, and where they stand.
class Reader {
  public:
    Reader(std::string_view text, LicenseSpelling spelling) : text_(text), spelling_(spelling) {}

    Result<LicenseExpression> read() {
        LicenseExpression expression = MERLON_TRY(read_or(0));
        skip_space();
        if (at_ < text_.size()) return wrong("what follows is not understood", at_);
        return expression;
    }

  private:
    // OR binds less than AND, and AND less than WITH (annex D.4, "Order of precedence").
    Result<LicenseExpression> read_or(std::size_t depth) {
        return read_operands(Kind::kOr, "OR", depth);
    }

    Result<LicenseExpression> read_operands(Kind kind, std::string_view word, std::size_t depth) {
        LicenseExpression joined{.kind = kind, .term = {}, .operands = {}};
        do {
            LicenseExpression operand = MERLON_TRY(
                kind == Kind::kOr ? read_operands(Kind::kAnd, "AND", depth) : read_simple(depth));
            if (operand.kind == kind)
                std::move(operand.operands.begin(), operand.operands.end(),
                          std::back_inserter(joined.operands));
            else
                joined.operands.push_back(std::move(operand));
        } while (take_operator(word));
        if (joined.operands.size() > 1) return joined;
        LicenseExpression only = std::move(joined.operands.front());
        return only;
    }

    Result<LicenseExpression> read_simple(std::size_t depth) {
        skip_space();
        if (at_ < text_.size() && text_[at_] == '(') {
            if (depth == kMaxLicenseDepth) return wrong("its brackets are too deep", at_);
            ++at_;
            LicenseExpression inside = MERLON_TRY(read_or(depth + 1));
            skip_space();
            if (at_ == text_.size() || text_[at_] != ')')
                return wrong("a bracket is not closed", at_);
            ++at_;
            return inside;
        }
        LicenseExpression expression;
        expression.term = MERLON_TRY(read_term());
        return expression;
    }

    Result<LicenseTerm> read_term() {
        const std::size_t start = at_;
        std::string_view word = take_word();
        if (word.empty()) return wrong("a licence is missing", start);
        for (const std::string_view keyword : {"AND", "OR", "WITH"})
            if (word == keyword) return wrong("a licence is missing", start);
        LicenseTerm term;
        const bool has_plus = word.ends_with('+');
        if (has_plus) word.remove_suffix(1);
        classify(word, term);
        if (has_plus) add_plus(term);
        if (term.kind == LicenseTerm::Kind::kUnknown && spelling_ == LicenseSpelling::kStandard)
            return wrong("'" + std::string(word) + "' is not in the SPDX list", start);
        if (!term.exception.empty() || !take_operator("WITH")) return term;
        skip_space();
        const std::size_t addition_start = at_;
        const std::string_view addition = take_word();
        const auto listed = find_license_exception(addition);
        if (!listed && !is_reference(addition, "AdditionRef-") &&
            (spelling_ == LicenseSpelling::kStandard || addition.empty()))
            return wrong("'" + std::string(addition) + "' is no exception of the SPDX list",
                         addition_start);
        term.exception = listed.value_or(addition);
        return term;
    }

    static void classify(std::string_view word, LicenseTerm& term) {
        term.license = word;
        if (const auto listed = find_license(word)) {
            term.license = current_form(*listed);
            const auto* split = std::ranges::find(kSplitLicenses, *listed, &SplitLicense::id);
            if (split == std::end(kSplitLicenses)) return;
            term.license = split->license;
            term.exception = split->exception;
        } else if (is_reference(word, "LicenseRef-")) {
            term.kind = LicenseTerm::Kind::kReference;
        } else if (word == "NONE") {
            term.kind = LicenseTerm::Kind::kNone;
        } else if (word == "NOASSERTION") {
            term.kind = LicenseTerm::Kind::kNoAssertion;
        } else {
            term.kind = LicenseTerm::Kind::kUnknown;
        }
    }

    // GPL-2.0 was for GPL-2.0-only until list 3.0, and so for its siblings.
    static std::string_view current_form(std::string_view id) {
        if (!is_deprecated_license(id)) return id;
        return find_license(std::string(id) + "-only").value_or(id);
    }

    static void add_plus(LicenseTerm& term) {
        std::string_view base = term.license;
        if (base.ends_with("-only")) base.remove_suffix(5);
        if (const auto later = find_license(std::string(base) + "-or-later"))
            term.license = *later;
        else
            term.or_later = true;
    }

    void skip_space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' ||
                                      text_[at_] == '\n' || text_[at_] == '\r'))
            ++at_;
    }

    std::string_view take_word() {
        const bool is_strict = spelling_ == LicenseSpelling::kStandard;
        const std::size_t start = at_;
        while (
            at_ < text_.size() &&
            (is_id_character(text_[at_]) || text_[at_] == '+' || text_[at_] == ':' ||
             (!is_strict && (text_[at_] == '_' || static_cast<unsigned char>(text_[at_]) > 127))))
            ++at_;
        return text_.substr(start, at_ - start);
    }

    bool take_operator(std::string_view wanted) {
        skip_space();
        if (spelling_ == LicenseSpelling::kForgiving && wanted == "OR" && at_ < text_.size() &&
            text_[at_] == '/') {
            ++at_;
            return true;
        }
        const std::size_t start = at_;
        const std::string_view word = take_word();
        // SPDX 3.0.1: all of it in upper, or in lower case.
        if (word == wanted || word == lower_case(wanted)) return true;
        at_ = start;
        return false;
    }

    std::string_view text_;
    LicenseSpelling spelling_;
    std::size_t at_ = 0;
};

void collect(const LicenseExpression& expression, std::vector<LicenseTerm>& terms) {
    if (expression.kind == Kind::kTerm) terms.push_back(expression.term);
    for (const LicenseExpression& operand : expression.operands) collect(operand, terms);
}

bool matches(std::string_view entry, std::string_view text) {
    const std::string pattern = lower_case(entry);
    const std::string lower = lower_case(text);
    if (!pattern.ends_with('*')) return pattern == lower;
    return lower.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
}

bool is_listed(const std::vector<std::string>& list, std::string_view text) {
    return std::any_of(list.begin(), list.end(),
                       [&](const std::string& entry) { return matches(entry, text); });
}

LicenseVerdict judge(const LicenseTerm& term, const LicensePolicy& policy) {
    // The whole term first, so that a licence can be denied and taken with one exception; an entry
    // with a * names licences.
    const std::string whole = to_string(term);
    const auto is_exactly = [&](const std::string& entry) {
        return !entry.ends_with('*') && matches(entry, whole);
    };
    if (whole != term.license) {
        if (std::ranges::any_of(policy.denied, is_exactly)) return LicenseVerdict::kDenied;
        if (std::ranges::any_of(policy.review, is_exactly)) return LicenseVerdict::kReview;
        if (std::ranges::any_of(policy.allowed, is_exactly)) return LicenseVerdict::kAllowed;
    }
    if (is_listed(policy.denied, term.license)) return LicenseVerdict::kDenied;
    if (is_listed(policy.review, term.license)) return LicenseVerdict::kReview;
    if (is_listed(policy.allowed, term.license)) return LicenseVerdict::kAllowed;
    const bool is_known =
        term.kind == LicenseTerm::Kind::kListed || term.kind == LicenseTerm::Kind::kReference;
    return is_known ? policy.unlisted : std::max(policy.unlisted, LicenseVerdict::kReview);
}

}  // namespace

std::string_view name(LicenseVerdict verdict) {
    static constexpr std::array<std::string_view, 3> kNames{"allow", "review", "deny"};
    return kNames[static_cast<std::size_t>(verdict)];
}

std::optional<LicenseVerdict> parse_license_verdict(std::string_view text) {
    using enum LicenseVerdict;
    for (const LicenseVerdict verdict : {kAllowed, kReview, kDenied})
        if (text == name(verdict)) return verdict;
    return std::nullopt;
}

std::optional<std::string_view> find_license(std::string_view id) {
    const ListedId* row = find(listed_licenses(), id);
    return row == nullptr ? std::nullopt : std::optional(row->id);
}

std::optional<std::string_view> find_license_exception(std::string_view id) {
    const ListedId* row = find(listed_exceptions(), id);
    return row == nullptr ? std::nullopt : std::optional(row->id);
}

bool is_deprecated_license(std::string_view id) {
    const ListedId* row = find(listed_licenses(), id);
    return row != nullptr && row->state == IdState::kDeprecated;
}

Result<LicenseExpression> parse_license(std::string_view text, LicenseSpelling spelling) {
    if (text.size() > kMaxLicenseBytes) return wrong("it is longer than 64 KiB", kMaxLicenseBytes);
    return Reader(text, spelling).read();
}

std::string to_string(const LicenseTerm& term) {
    return term.license + (term.or_later ? "+" : "") +
           (term.exception.empty() ? "" : " WITH " + term.exception);
}

std::string to_string(const LicenseExpression& expression) {
    if (expression.kind == Kind::kTerm) return to_string(expression.term);
    std::string text;
    for (const LicenseExpression& operand : expression.operands) {
        if (!text.empty()) text += expression.kind == Kind::kAnd ? " AND " : " OR ";
        const bool is_bracketed = expression.kind == Kind::kAnd && operand.kind == Kind::kOr;
        text += is_bracketed ? "(" + to_string(operand) + ")" : to_string(operand);
    }
    return text;
}

LicenseExpression normalize(LicenseExpression expression) {
    if (expression.kind == Kind::kTerm) return expression;
    for (LicenseExpression& operand : expression.operands) operand = normalize(std::move(operand));
    auto& operands = expression.operands;
    std::sort(operands.begin(), operands.end(), [](const auto& left, const auto& right) {
        return to_string(left) < to_string(right);
    });
    operands.erase(std::unique(operands.begin(), operands.end()), operands.end());
    if (operands.size() > 1) return expression;
    LicenseExpression only = std::move(operands.front());
    return only;
}

std::vector<LicenseTerm> license_terms(const LicenseExpression& expression) {
    std::vector<LicenseTerm> terms;
    collect(expression, terms);
    return terms;
}

LicenseVerdict evaluate(const LicenseExpression& expression, const LicensePolicy& policy) {
    if (expression.kind == Kind::kTerm) return judge(expression.term, policy);
    LicenseVerdict verdict = evaluate(expression.operands.front(), policy);
    for (const LicenseExpression& operand : expression.operands) {
        const LicenseVerdict other = evaluate(operand, policy);
        verdict =
            expression.kind == Kind::kOr ? std::min(verdict, other) : std::max(verdict, other);
    }
    return verdict;
}

}  // namespace merlon::packages
