#pragma once

// SPDX licence expressions (SPDX 3.0.1, annex "SPDX license expressions"; in 2.3, annex D): which
// licences a package is under, and whether a policy takes that.
//
// The idea: an expression is a small tree of terms, AND and OR. Identifiers are brought to the
// spelling of the SPDX list, and deprecated forms that mean something current to that (GPL-2.0+ is
// GPL-2.0-or-later). A name that no list has is kept and marked: it is reported, never guessed.
//
// Value types, thread-safe. Cost: linear; a text is at most kMaxLicenseBytes long and its brackets
// at most kMaxLicenseDepth deep.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace merlon::packages {

inline constexpr std::size_t kMaxLicenseBytes = 1 << 16;
inline constexpr std::size_t kMaxLicenseDepth = 64;

// The list's spelling of an identifier, whatever its case; nothing where the list has none.
std::optional<std::string_view> find_license(std::string_view id);
// Whether `id` is one in the list's own spelling.
inline bool is_listed_license(std::string_view id) { return find_license(id) == id; }
std::optional<std::string_view> find_license_exception(std::string_view id);
bool is_deprecated_license(std::string_view id);

// What stands between AND, OR and brackets.
struct LicenseTerm {
    enum class Kind : std::uint8_t {
        kListed,       // an identifier of the list
        kReference,    // LicenseRef-…, DocumentRef-…:LicenseRef-…
        kNone,         // NONE: there is no licence
        kNoAssertion,  // NOASSERTION: nobody has looked
        kUnknown,      // none of these
    };
    Kind kind = Kind::kListed;
    std::string license;
    bool or_later = false;  // a plus behind an identifier that has no -or-later form
    std::string exception;  // behind WITH
    bool operator==(const LicenseTerm&) const = default;
};

struct LicenseExpression {
    enum class Kind : std::uint8_t { kTerm, kAnd, kOr };
    Kind kind = Kind::kTerm;
    LicenseTerm term;                         // of kTerm
    std::vector<LicenseExpression> operands;  // of the others: two or more, none of the same kind
    bool operator==(const LicenseExpression&) const = default;
};

enum class LicenseSpelling : std::uint8_t {
    kStandard,   // the grammar, with identifiers of the list only
    kForgiving,  // also unknown identifiers, operators in any case, and / for OR
};

Result<LicenseExpression> parse_license(std::string_view text,
                                        LicenseSpelling spelling = LicenseSpelling::kForgiving);

// In the order as stated, with brackets where they are needed.
std::string to_string(const LicenseTerm& term);
std::string to_string(const LicenseExpression& expression);
// The same whatever the order of its operands, each once.
LicenseExpression normalize(LicenseExpression expression);
// Every term, as stated.
std::vector<LicenseTerm> license_terms(const LicenseExpression& expression);

enum class LicenseVerdict : std::uint8_t { kAllowed, kReview, kDenied };

// "allow", "review", "deny".
std::string_view name(LicenseVerdict verdict);
std::optional<LicenseVerdict> parse_license_verdict(std::string_view text);

// What a team takes. An entry is a licence ("MIT"), which also stands for it with an exception, or
// one with its exception ("GPL-2.0-only WITH Classpath-exception-2.0"), which counts first. A *
// at the end stands for any rest ("GPL-*"); denied wins over review, and that over allowed.
struct LicensePolicy {
    std::vector<std::string> allowed;
    std::vector<std::string> denied;
    std::vector<std::string> review = {};  // wins over allowed
    // What is in no list. What is unknown, NONE or NOASSERTION is never better than kReview.
    LicenseVerdict unlisted = LicenseVerdict::kReview;
};

// Of an OR the best choice counts, of an AND the worst part.
LicenseVerdict evaluate(const LicenseExpression& expression, const LicensePolicy& policy);

}  // namespace merlon::packages
